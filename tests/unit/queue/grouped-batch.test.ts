import { expect, test } from 'vitest';
import { createGroupedBatch } from '#lib/queue/grouped-batch.ts';

interface Item {
  readonly project: string;
  readonly number: number;
}

/** A table of which the rows of some projects are locked by others. */
function makeTable() {
  const locked = new Set<string>();
  const statements: string[] = [];
  const batch = createGroupedBatch<Item, string>({
    groupOf: ({ project }) => project,
    maxItems: 100,
    gapMs: 0,
    maxRunning: 2,
    now: () => performance.now(),
    run: async (items) => {
      statements.push([...new Set(items.map(({ project }) => project))].join(' '));
      if (items.some(({ project }) => locked.has(project))) {
        throw Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
      }
      return items.map(({ project, number }) => `${project}${number}`);
    },
  });
  return {
    batch,
    statements,
    lock: (project: string) => locked.add(project),
    free: (project: string) => locked.delete(project),
  };
}

test('items of all projects share a statement', async () => {
  const { batch, statements } = makeTable();
  const answers = await Promise.all([
    batch.add({ project: 'a', number: 1 }),
    batch.add({ project: 'b', number: 2 }),
    batch.add({ project: 'a', number: 3 }),
  ]);
  expect(answers).toEqual(['a1', 'b2', 'a3']);
  expect(statements).toEqual(['a b']);
});

test('a project that others have locked waits alone, and goes on by itself when it is free', async () => {
  const { batch, statements, lock, free } = makeTable();
  lock('a');
  let isAnswered = false;
  const heldUp = batch.add({ project: 'a', number: 1 }).then((answer) => {
    isAnswered = true;
    return answer;
  });
  await expect(batch.add({ project: 'b', number: 2 })).resolves.toBe('b2');
  // Known to be held up, it is not asked for together with others any more.
  const later = batch.add({ project: 'a', number: 3 });
  await expect(batch.add({ project: 'b', number: 4 })).resolves.toBe('b4');
  expect(isAnswered).toBe(false);
  expect(statements.filter((projects) => projects.includes(' ')).length).toBeLessThanOrEqual(1);
  free('a');
  await batch.drained();
  await expect(Promise.all([heldUp, later])).resolves.toEqual(['a1', 'a3']);
});

test('any other failure reaches everybody in the statement', async () => {
  const batch = createGroupedBatch<Item, string>({
    groupOf: ({ project }) => project,
    maxItems: 100,
    gapMs: 0,
    now: () => performance.now(),
    run: () => Promise.reject(new Error('away')),
  });
  await expect(batch.add({ project: 'a', number: 1 })).rejects.toThrow('away');
  await batch.drained();
});
