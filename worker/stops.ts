/** Why the worker is to stop: somebody asked, or a newer Mailroom rules this one out. */
export type StopReason = 'asked' | 'outdated';

export interface Stops {
  /** Aborted with the first reason. */
  readonly signal: AbortSignal;
  /** Resolves with the first reason. */
  readonly first: Promise<StopReason>;
  stop(reason: StopReason): void;
  /** Called at the second signal; a third one ends the process as it stands. */
  onAgain(hurry: () => void): void;
}

/** Listens to SIGTERM and SIGINT from now on. */
export function listenToStops(): Stops {
  const stopping = new AbortController();
  const { promise: first, resolve } = Promise.withResolvers<StopReason>();
  let signals = 0;
  let hurry: (() => void) | null = null;
  const stop = (reason: StopReason): void => {
    stopping.abort();
    resolve(reason);
  };
  for (const name of ['SIGTERM', 'SIGINT'] as const) {
    process.on(name, () => {
      signals += 1;
      if (signals === 1) stop('asked');
      else if (signals === 2) hurry?.();
      else process.exit(1);
    });
  }
  return {
    signal: stopping.signal,
    first,
    stop,
    onAgain: (given) => {
      hurry = given;
      if (signals > 1) hurry();
    },
  };
}
