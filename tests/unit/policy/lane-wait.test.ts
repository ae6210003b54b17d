import fc from 'fast-check';
import { expect, test } from 'vitest';
import { laneWaitMs } from '#lib/policy/lane-wait.ts';

const kinds = fc.constantFrom('unreachable' as const, 'throttled' as const);

test('waits grow with the failures in a row and end at five minutes', () => {
  const waits = [1, 2, 3, 4, 9, 50].map((failures) =>
    laneWaitMs('unreachable', failures, { askedMs: null, random: 0.5 }),
  );
  expect(waits).toEqual([1000, 2000, 5000, 10_000, 300_000, 300_000]);
});

test('a wait that the server names is obeyed, up to a day', () => {
  expect(laneWaitMs('throttled', 7, { askedMs: 1234, random: 0.9 })).toBe(1234);
  expect(laneWaitMs('throttled', 1, { askedMs: 10 ** 12, random: 0 })).toBe(24 * 3_600_000);
});

test('a server that asks to wait no time at all, again and again, is not stormed', () => {
  const waits = [1, 2, 3].map((failures) => laneWaitMs('throttled', failures, { askedMs: 0, random: 0.5 }));
  expect(waits).toEqual([5_000, 10_000, 20_000]);
});

test('a wait is never shorter for more failures than a tenth of jitter explains', () => {
  fc.assert(
    fc.property(
      kinds,
      fc.integer({ min: 1, max: 30 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (kind, n, random) => {
        const shorter = laneWaitMs(kind, n, { askedMs: null, random });
        const longer = laneWaitMs(kind, n + 1, { askedMs: null, random });
        expect(longer).toBeGreaterThanOrEqual(shorter);
      },
    ),
  );
});
