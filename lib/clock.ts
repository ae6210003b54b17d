/** Time as a parameter, so that a test can hold it still. `now` is wall-clock time, `monotonicMs` never steps. */
export interface Clock {
  now(): Date;
  monotonicMs(): number;
}

export const systemClock: Clock = {
  now: () => new Date(),
  monotonicMs: () => performance.now(),
};
