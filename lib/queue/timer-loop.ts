import type { Log } from '#lib/context.ts';
import { databaseTrouble } from '#lib/database-trouble.ts';

export interface TimerLoop {
  /** Takes a turn now, whatever rest it had; where one is under way, another behind it. */
  hurry(): void;
  /** Resolves when the last run has ended. */
  stop(): Promise<void>;
}

export interface LoopHost {
  readonly log: Log;
  /** A turn has failed because the database is away. */
  readonly onAway: () => void;
}

/** After failures the next turn comes later, up to this, so that a database that comes back is not stormed. */
const longestWaitMs = 1000;

/**
 * Runs `work` again and again, never twice at a time. A failure is logged and later turns come as usual; of an outage
 * of the database its beginning and its end are logged, not each turn.
 */
export function startLoop(
  name: string,
  everyMs: number,
  { log, onAway }: LoopHost,
  work: () => Promise<void>,
): TimerLoop {
  let running = Promise.resolve();
  let isBusy = false;
  let isStopped = false;
  let isHurried = false;
  let failures = 0;
  let restUntilMs = 0;

  const noteFailure = (error: unknown): void => {
    failures += 1;
    restUntilMs =
      performance.now() + Math.min(everyMs * 2 ** Math.min(failures, 10), longestWaitMs) - everyMs / 2;
    const trouble = databaseTrouble(error);
    if (trouble === null || failures === 1) {
      log.warn({ err: error, loop: name }, 'a turn of the loop failed');
    }
    if (trouble === 'away') onAway();
  };
  const noteSuccess = (): void => {
    if (failures > 1) log.info({ loop: name, failures }, 'the loop goes on');
    failures = 0;
    restUntilMs = 0;
  };

  const takeTurn = (): void => {
    if (isBusy || isStopped) return;
    isBusy = true;
    isHurried = false;
    running = work()
      .then(noteSuccess, noteFailure)
      .finally(() => {
        isBusy = false;
        if (isHurried) takeTurn();
      });
  };
  const timer = setInterval(() => {
    if (performance.now() >= restUntilMs) takeTurn();
  }, everyMs);
  return {
    hurry() {
      isHurried = true;
      takeTurn();
    },
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await running;
    },
  };
}
