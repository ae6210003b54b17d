import type { Log } from '#lib/context.ts';
import { databaseTrouble } from '#lib/database-trouble.ts';

export interface TimerLoop {
  /** Resolves when the last run has ended. */
  stop(): Promise<void>;
}

/** After failures the next turn comes later, up to this, so that a database that comes back is not stormed. */
const longestWaitMs = 1000;

/**
 * Runs `work` again and again, never twice at a time. A failure is logged and later turns come as usual; of an outage
 * of the database its beginning and its end are logged, not each turn.
 */
export function startLoop(name: string, everyMs: number, log: Log, work: () => Promise<void>): TimerLoop {
  let running = Promise.resolve();
  let isBusy = false;
  let failures = 0;
  let restUntilMs = 0;

  const noteFailure = (error: unknown): void => {
    failures += 1;
    restUntilMs =
      performance.now() + Math.min(everyMs * 2 ** Math.min(failures, 10), longestWaitMs) - everyMs / 2;
    if (databaseTrouble(error) === null || failures === 1) {
      log.warn({ err: error, loop: name }, 'a turn of the loop failed');
    }
  };
  const noteSuccess = (): void => {
    if (failures > 1) log.info({ loop: name, failures }, 'the loop goes on');
    failures = 0;
  };

  const timer = setInterval(() => {
    if (isBusy || performance.now() < restUntilMs) return;
    isBusy = true;
    running = work()
      .then(noteSuccess, noteFailure)
      .finally(() => {
        isBusy = false;
      });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
