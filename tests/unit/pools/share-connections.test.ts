import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ConnectionStand, connectionSliceMs, shareConnections } from '#lib/policy/share-connections.ts';

const lane = (laneKey: string, held: number, wanted: number, sinceMs = 0): ConnectionStand => ({
  laneKey,
  held,
  wanted,
  sinceMs,
});

test('a lane alone gets what it wants, up to the limit', () => {
  expect(shareConnections(lane('a', 0, 2), [], 3, 0)).toBe(2);
  expect(shareConnections(lane('a', 0, 9), [], 3, 0)).toBe(3);
});

test('what others hold is not given twice', () => {
  expect(shareConnections(lane('a', 0, 9), [lane('b', 2, 2)], 3, 0)).toBe(1);
  expect(shareConnections(lane('a', 0, 9), [lane('b', 3, 3)], 3, 0)).toBe(0);
});

test('a lane gives down to an equal part once another wants one', () => {
  expect(shareConnections(lane('a', 4, 9), [lane('b', 0, 9)], 4, 0)).toBe(2);
  expect(shareConnections(lane('a', 4, 9), [lane('b', 0, 0)], 4, 0)).toBe(4);
});

test('more lanes than connections take turns, and who waits longest is first', () => {
  const others = [lane('b', 0, 5, 100), lane('c', 0, 5, 50)];
  expect(shareConnections(lane('a', 1, 5, 0), others, 1, connectionSliceMs - 1)).toBe(1);
  expect(shareConnections(lane('a', 1, 5, 0), others, 1, connectionSliceMs)).toBe(0);
  const given = [lane('a', 0, 5, connectionSliceMs), lane('c', 0, 5, 50)];
  expect(shareConnections(lane('b', 0, 5, 100), given, 1, connectionSliceMs)).toBe(0);
  expect(shareConnections(lane('c', 0, 5, 50), [lane('b', 0, 5, 100)], 1, connectionSliceMs)).toBe(1);
});

test('in whatever order lanes ask, never more is held than the limit, and everyone gets a turn', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat(), { minLength: 200, maxLength: 300 }),
      (limit, count, order) => {
        const lanes = Array.from({ length: count }, (_, index) => lane(`lane ${index}`, 0, 0));
        const served = new Set<number>();
        let nowMs = 0;
        // Round by round, so that nobody is left out, each begun by a random lane.
        for (const random of order) {
          for (let turn = 0; turn < count; turn += 1) {
            const index = (random + turn) % count;
            const stand = lanes[index];
            if (stand === undefined) continue;
            nowMs += 100;
            const given = shareConnections(
              { ...stand, wanted: 4 },
              lanes.filter((other) => other !== stand),
              limit,
              nowMs,
            );
            const hasTurned = stand.wanted === 0 || given > 0 !== stand.held > 0;
            lanes[index] = { ...stand, wanted: 4, held: given, sinceMs: hasTurned ? nowMs : stand.sinceMs };
            if (given > 0) served.add(index);
            expect(lanes.reduce((sum, { held }) => sum + held, 0)).toBeLessThanOrEqual(limit);
          }
        }
        expect(served.size).toBe(count);
      },
    ),
    { numRuns: 40 },
  );
});
