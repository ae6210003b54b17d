import { expect, test } from 'vitest';
import { PutOffHolds } from '#lib/queue/put-off-holds.ts';

function openLane() {
  let nowMs = 5000;
  const begun: string[] = [];
  const holds = new PutOffHolds({ now: () => new Date(nowMs), monotonicMs: () => nowMs });
  return {
    begun,
    holds,
    pass: (ms: number) => (nowMs += ms),
    meet: (limit: string) => void holds.turn(limit).then(() => begun.push(limit)),
    note: async (isEnding = false) => {
      holds.note(isEnding);
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test('a hold begins a second after its limit was met, the next ones of the same limit at once', async () => {
  const lane = openLane();
  lane.meet('first');
  lane.pass(600);
  lane.meet('second');
  await lane.note();
  expect(lane.begun).toEqual([]);
  lane.pass(400);
  await lane.note();
  expect(lane.begun).toEqual(['first']);
  lane.meet('first');
  await lane.note();
  expect(lane.begun).toEqual(['first', 'first']);
  lane.pass(600);
  await lane.note();
  expect(lane.begun).toEqual(['first', 'first', 'second']);
});

test('a drain that ends does not wait', async () => {
  const lane = openLane();
  lane.meet('first');
  await lane.note(true);
  expect(lane.begun).toEqual(['first']);
});
