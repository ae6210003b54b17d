import { expect, test } from 'vitest';
import {
  climbed,
  connectionsAt,
  fullRateAtMs,
  rateFactorAt,
  slowDown,
  type SlowState,
} from '#lib/policy/slow-down.ts';

const minuteMs = 60_000;
const untouched: SlowState = { rateFactor: 1, slowedMs: null, slowCount: 0, stoppedUntilMs: null };
const stated = { askedMs: 30_000, random: 0.5 };
const unstated = { askedMs: null, random: 0.5 };

test('a refusal halves the rate and stops for the time that was stated', () => {
  const slowed = slowDown(untouched, 1_000_000, stated);
  expect(slowed).toEqual({ rateFactor: 0.5, slowedMs: 1_000_000, slowCount: 1, stoppedUntilMs: 1_030_000 });
});

test('the rate climbs back by a twentieth a minute once the stop is over, to the whole', () => {
  const slowed = slowDown(untouched, 1_000_000, stated);
  expect(rateFactorAt(slowed, 1_000_000)).toBe(0.5);
  expect(rateFactorAt(slowed, 1_030_000)).toBe(0.5);
  expect(rateFactorAt(slowed, 1_030_000 + 4 * minuteMs)).toBeCloseTo(0.7);
  expect(rateFactorAt(slowed, 1_030_000 + 60 * minuteMs)).toBe(1);
});

test('what several connections hear in one moment counts once, and the longer wait holds', () => {
  const first = slowDown(untouched, 1_000_000, stated);
  const second = slowDown(first, 1_002_000, { askedMs: 60_000, random: 0.5 });
  expect(second).toEqual({ ...first, stoppedUntilMs: 1_062_000 });
});

test('without a stated time the stop grows with each refusal in a row, and never ends sending for good', () => {
  let state = untouched;
  let nowMs = 1_000_000;
  const waits: number[] = [];
  for (let round = 0; round < 6; round += 1) {
    state = slowDown(state, nowMs, unstated);
    waits.push((state.stoppedUntilMs ?? 0) - nowMs);
    nowMs = (state.stoppedUntilMs ?? 0) + 6_000;
  }
  expect(waits).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000]);
  expect(state.rateFactor).toBeGreaterThanOrEqual(0.1);
});

test('after a quarter of an hour without a refusal the next one is the first again', () => {
  const first = slowDown(untouched, 0, unstated);
  const later = slowDown(slowDown(first, 10_000, unstated), 60 * minuteMs, unstated);
  expect(later).toMatchObject({ slowCount: 1, rateFactor: 0.5 });
});

test('a lane without a pool gets a part of its connections, and all of them from the time that is told', () => {
  const slowed = slowDown(untouched, 1_000_000, stated);
  const shareAt = (nowMs: number): number => connectionsAt(10, rateFactorAt(slowed, nowMs));
  expect(shareAt(1_030_000)).toBe(5);
  expect(shareAt(1_030_000 + 2 * minuteMs)).toBe(6);
  const fullMs = fullRateAtMs(slowed);
  expect(fullMs).toBe(1_030_000 + 10 * minuteMs);
  expect([shareAt(fullMs - minuteMs), shareAt(fullMs)]).toEqual([9, 10]);
  expect(connectionsAt(1, 0.1)).toBe(1);
  expect(climbed(0.5, -5000)).toBe(0.5);
});
