import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideRetry, maxPlannedTries, planTries } from '#lib/policy/decide-retry.ts';
import { defaultRetrySchedule, type RetrySchedule } from '#lib/settings/schemas.ts';

const schedules: fc.Arbitrary<RetrySchedule> = fc.record({
  firstWaitSeconds: fc.integer({ min: 5, max: 86_400 }),
  factor: fc.double({ min: 1, max: 10, noNaN: true }),
  maxWaitSeconds: fc.integer({ min: 5, max: 86_400 }),
  jitterPercent: fc.integer({ min: 0, max: 50 }),
  giveUpAfterHours: fc.integer({ min: 1, max: 240 }),
});
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('waits grow by the factor up to the longest one', () => {
  const waits = [0, 1, 2, 3, 9].map((earlierTries) => {
    const decision = decideRetry({ schedule: defaultRetrySchedule, earlierTries, waitedMs: 0 }, 0.5);
    return decision.kind === 'retry' ? decision.waitMs : null;
  });
  expect(waits).toEqual([60_000, 180_000, 540_000, 1_620_000, 14_400_000]);
});

test('gives up when the next wait would pass the time of the project (PRODUCT 4.4)', () => {
  const schedule = { ...defaultRetrySchedule, jitterPercent: 0, giveUpAfterHours: 1 };
  const waitedMs = 3_600_000 - 60_000;
  expect(decideRetry({ schedule, earlierTries: 0, waitedMs }, 0)).toMatchObject({ kind: 'retry' });
  expect(decideRetry({ schedule, earlierTries: 0, waitedMs: waitedMs + 1 }, 0)).toEqual({
    kind: 'give_up',
    reason: 'RETRY_TIME_SPENT',
  });
});

test('every wait lies within the jitter around the plain one, and no mail waits for ever', () => {
  fc.assert(
    fc.property(schedules, fc.array(chance, { minLength: 1, maxLength: 20 }), (schedule, chances) => {
      let waitedMs = 0;
      for (let tries = 0; tries < 100_000; tries += 1) {
        const random = chances[tries % chances.length] ?? 0;
        const decision = decideRetry({ schedule, earlierTries: tries, waitedMs }, random);
        if (decision.kind === 'give_up') return;
        const plainMs =
          Math.min(schedule.firstWaitSeconds * schedule.factor ** tries, schedule.maxWaitSeconds) * 1000;
        const spread = schedule.jitterPercent / 100;
        expect(decision.waitMs).toBeGreaterThanOrEqual(Math.floor(plainMs * (1 - spread)));
        expect(decision.waitMs).toBeLessThanOrEqual(Math.ceil(plainMs * (1 + spread)));
        waitedMs += decision.waitMs;
        expect(waitedMs).toBeLessThanOrEqual(schedule.giveUpAfterHours * 3_600_000);
        if (tries > 50) return;
      }
    }),
  );
});

test('the plan of the default: 1 min, then three times as long up to 4 h, 16 tries in 48 h', () => {
  const tries = planTries(defaultRetrySchedule);
  expect(tries.slice(0, 6).map((ms) => ms / 60_000)).toEqual([1, 4, 13, 40, 121, 361]);
  expect(tries).toHaveLength(16);
});

test('planned times rise, lie within the time of the project, and are what a mail that fails each time meets', () => {
  fc.assert(
    fc.property(schedules, chance, (schedule, random) => {
      const tries = planTries(schedule);
      const endMs = schedule.giveUpAfterHours * 3_600_000;
      expect(tries.length).toBeLessThanOrEqual(maxPlannedTries + 1);
      let waitedMs = 0;
      let jitteredMs = 0;
      for (const [earlierTries, ms] of tries.entries()) {
        expect(ms).toBeGreaterThan(waitedMs);
        expect(ms).toBeLessThanOrEqual(endMs);
        const plain = decideRetry({ schedule, earlierTries, waitedMs }, 0.5);
        expect(plain).toEqual({ kind: 'retry', waitMs: ms - waitedMs });
        const moved = decideRetry({ schedule, earlierTries, waitedMs: 0 }, random);
        if (moved.kind === 'retry') jitteredMs += moved.waitMs;
        waitedMs = ms;
      }
      // The sum moves by no more than the jitter, and by half a millisecond of rounding a wait.
      const spreadMs = waitedMs * (schedule.jitterPercent / 100) + tries.length;
      expect(jitteredMs).toBeLessThanOrEqual(waitedMs + spreadMs);
      if (tries.length <= maxPlannedTries) {
        const after = decideRetry({ schedule, earlierTries: tries.length, waitedMs }, 0.5);
        expect(after.kind).toBe('give_up');
        // No time is left that one wait more would have filled.
        expect(waitedMs + schedule.maxWaitSeconds * 1000).toBeGreaterThan(endMs);
      }
    }),
  );
});

test('a plan from where a mail stands is the rest of the plan from the beginning', () => {
  fc.assert(
    fc.property(schedules, fc.nat({ max: 20 }), (schedule, done) => {
      const tries = planTries(schedule);
      const waitedMs = done === 0 ? 0 : tries[done - 1];
      if (waitedMs === undefined || tries.length > maxPlannedTries) return;
      expect(planTries(schedule, { earlierTries: done, waitedMs })).toEqual(tries.slice(done));
    }),
  );
});
