import type { Log } from '#lib/context.ts';

export interface TimerLoop {
  /** Resolves when the last run has ended. */
  stop(): Promise<void>;
}

/** Runs `work` again and again, never twice at a time. A failure is logged and the next turn comes as usual. */
export function startLoop(name: string, everyMs: number, log: Log, work: () => Promise<void>): TimerLoop {
  let running = Promise.resolve();
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    running = work()
      .catch((error: unknown) => log.warn({ err: error, loop: name }, 'a turn of the loop failed'))
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
