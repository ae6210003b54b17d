import { expect, test } from 'vitest';
import { AfterSends } from '#lib/queue/after-sends.ts';

function openLane() {
  let nowMs = 0;
  const begun: string[] = [];
  const afterSends = new AfterSends({ now: () => new Date(nowMs), monotonicMs: () => nowMs });
  return {
    begun,
    afterSends,
    at: (ms: number) => (nowMs = ms),
    putOff: (name: string) => void afterSends.turn().then(() => begun.push(name)),
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

test('begins when nothing is ready or on its way any more', async () => {
  const lane = openLane();
  lane.putOff('sweep');
  lane.afterSends.note(false);
  await lane.settled();
  expect(lane.begun).toEqual([]);
  lane.afterSends.note(true);
  await lane.settled();
  expect(lane.begun).toEqual(['sweep']);
});

test('a lane that is never quiet puts it off for a second', async () => {
  const lane = openLane();
  lane.putOff('first');
  lane.at(600);
  lane.putOff('second');
  lane.at(1000);
  lane.afterSends.note(false);
  await lane.settled();
  expect(lane.begun).toEqual(['first']);
  lane.at(1600);
  lane.afterSends.note(false);
  await lane.settled();
  expect(lane.begun).toEqual(['first', 'second']);
});
