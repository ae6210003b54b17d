import { setTimeout as pause } from 'node:timers/promises';
import { isLockTimeout } from '#lib/database-trouble.ts';
import { createMicroBatch, type MicroBatch, type MicroBatchOptions } from './micro-batch.ts';

export interface GroupedBatchOptions<Item, Result> extends Omit<MicroBatchOptions<Item, Result>, 'run'> {
  /** Whose item it is: what others have locked of the one must not hold up the items of another. */
  groupOf(item: Item): string;
  /** One result per item, in order. Throws a lock timeout where others hold a row of theirs for longer than `lockWaitMs`. */
  run(items: readonly Item[], lockWaitMs: number): Promise<readonly Result[]>;
}

/** How long the items of all may wait for a row that others have locked, in ms. */
const togetherWaitMs = 300;
/** The same for those of one group. */
const groupWaitMs = 100;
const firstRetryMs = 100;
const longestRetryMs = 1000;

/**
 * As `createMicroBatch`, for items of many projects in one statement. Where a row is not to be had in time, each group
 * goes by itself, and those that are held up wait apart until their rows are free.
 */
export function createGroupedBatch<Item, Result>(
  options: GroupedBatchOptions<Item, Result>,
): MicroBatch<Item, Result> {
  const heldUp = new Set<string>();
  let open = 0;
  const whenDrained: (() => void)[] = [];

  async function runGroups(items: readonly Item[]): Promise<readonly Answer<Result>[]> {
    const answers = items.map((): Answer<Result> => ({ isHeldUp: true }));
    const groups = Map.groupBy(items.entries(), ([, item]) => options.groupOf(item));
    for (const [group, own] of groups) {
      const asked = own.map(([, item]) => item);
      const results = await orHeldUp(() => options.run(asked, groupWaitMs));
      if (results === null) heldUp.add(group);
      else heldUp.delete(group);
      for (const [index, [place]] of own.entries()) {
        const result = results?.[index];
        if (result !== undefined) answers[place] = { isHeldUp: false, result };
      }
    }
    return answers;
  }

  const together = createMicroBatch<Item, Answer<Result>>({
    ...options,
    run: async (items) => {
      // Some were added before their group was found to be held up.
      if (items.some((item) => heldUp.has(options.groupOf(item)))) return runGroups(items);
      const results = await orHeldUp(() => options.run(items, togetherWaitMs));
      return results?.map((result) => ({ isHeldUp: false, result })) ?? runGroups(items);
    },
  });
  const apart = createMicroBatch<Item, Answer<Result>>({ ...options, maxRunning: 1, run: runGroups });

  async function settled(item: Item): Promise<Result> {
    let answer = await (heldUp.has(options.groupOf(item)) ? apart : together).add(item);
    for (let waitMs = firstRetryMs; answer.isHeldUp; waitMs = Math.min(2 * waitMs, longestRetryMs)) {
      await pause(waitMs);
      answer = await apart.add(item);
    }
    return answer.result;
  }

  return {
    async add(item) {
      open += 1;
      try {
        return await settled(item);
      } finally {
        open -= 1;
        if (open === 0) for (const done of whenDrained.splice(0)) done();
      }
    },
    hurry: () => together.hurry(),
    async drained() {
      if (open > 0) await new Promise<void>((resolve) => whenDrained.push(resolve));
    },
  };
}

type Answer<Result> = { readonly isHeldUp: true } | { readonly isHeldUp: false; readonly result: Result };

async function orHeldUp<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (isLockTimeout(error)) return null;
    throw error;
  }
}
