/** Collects single items into statements. What comes while as many run as may becomes the next one. */
export interface MicroBatch<Item, Result> {
  add(item: Item): Promise<Result>;
  /** Nothing more comes for now: what waits need not wait for company, where it is enough for a statement. */
  hurry(): void;
  /** Resolves when everything that was added has been answered. */
  drained(): Promise<void>;
}

export interface MicroBatchOptions<Item, Result> {
  readonly maxItems: number;
  /** Least time between the starts of two statements; a lone item after a pause leaves at once. */
  readonly gapMs: number;
  /** Statements under way at most; a second one leaves only when it is full. One by default. */
  readonly maxRunning?: number;
  readonly now: () => number;
  /** One result per item, in order. A throw reaches every caller of the batch. */
  run(items: readonly Item[]): Promise<readonly Result[]>;
}

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly settle: (result: Result) => void;
  readonly fail: (error: unknown) => void;
}

export function createMicroBatch<Item, Result>(
  options: MicroBatchOptions<Item, Result>,
): MicroBatch<Item, Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  const maxRunning = options.maxRunning ?? 1;
  let timer: NodeJS.Timeout | null = null;
  let lastStartMs = -Infinity;
  const whenDrained: (() => void)[] = [];

  function schedule(): void {
    while (running < maxRunning && waiting.length >= options.maxItems) start();
    if (running > 0 || waiting.length === 0 || timer !== null) return;
    const waitMs = lastStartMs + options.gapMs - options.now();
    // Even a lone item waits for the end of this turn: its neighbours of the same turn go along.
    if (waitMs <= 0) setImmediateOnce();
    else timer = setTimeout(onTime, waitMs);
  }

  let isImmediate = false;
  function setImmediateOnce(): void {
    if (isImmediate) return;
    isImmediate = true;
    setImmediate(() => {
      isImmediate = false;
      if (running === 0 && waiting.length > 0) start();
    });
  }

  function onTime(): void {
    timer = null;
    if (running === 0 && waiting.length > 0) start();
  }

  function start(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const batch = waiting.slice(0, options.maxItems);
    waiting = waiting.slice(options.maxItems);
    running += 1;
    lastStartMs = options.now();
    void runBatch(batch);
  }

  async function runBatch(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.run(batch.map(({ item }) => item));
      for (const [index, { settle, fail }] of batch.entries()) {
        const result = results[index];
        if (result === undefined) fail(new Error('The batch gave fewer results than it had items'));
        else settle(result);
      }
    } catch (error) {
      for (const { fail } of batch) fail(error);
    }
    running -= 1;
    if (running === 0 && waiting.length === 0) for (const done of whenDrained.splice(0)) done();
    schedule();
  }

  return {
    add: (item) =>
      new Promise((settle, fail) => {
        waiting.push({ item, settle, fail });
        schedule();
      }),
    hurry() {
      if (running < maxRunning && waiting.length >= options.maxItems / 8) start();
    },
    async drained() {
      if (running === 0 && waiting.length === 0) return;
      await new Promise<void>((resolve) => whenDrained.push(resolve));
    },
  };
}
