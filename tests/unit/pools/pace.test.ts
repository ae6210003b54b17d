import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type AskedMail,
  grantPermits,
  launchSlackMs,
  nextStart,
  type PaceState,
  permitHorizonMs,
  type PoolFigures,
  usableFigures,
} from '#lib/policy/pace.ts';

const unlimited: PoolFigures = {
  mailsPerMinute: null,
  mailsPerHour: null,
  recipientsPerDay: null,
  bytesPerFiveMinutes: null,
  connections: null,
  reservePercent: 0,
  reserveRecipients: 0,
};
const rested: PaceState = { minuteFreeMs: 0, hourFreeMs: 0, bytesFreeMs: 0 };
const beginMs = 1_800_000_000_000;
const small: AskedMail = { recipients: 1, bytes: 2_000 };

interface Start {
  readonly atMs: number;
  readonly mail: AskedMail;
}

/** Workers that ask at these times, each for these mails, and start what they get as late as they may. */
function run(
  figures: PoolFigures,
  asks: readonly { afterMs: number; mails: readonly AskedMail[]; lateMs: number }[],
): Start[] {
  const starts: Start[] = [];
  let state = rested;
  let nowMs = beginMs;
  for (const { afterMs, mails, lateMs } of asks) {
    nowMs += afterMs;
    const grant = grantPermits({ state, figures, factor: 1, recipientsLeft: null }, mails, nowMs);
    state = grant.state;
    for (const [index, startMs] of grant.startsMs.entries()) {
      const mail = mails[index];
      if (mail !== undefined) starts.push({ atMs: startMs + lateMs, mail });
    }
  }
  return starts;
}

function mostInWindow(starts: readonly Start[], windowMs: number, of: (mail: AskedMail) => number): number {
  return Math.max(
    0,
    ...starts.map(({ atMs }) =>
      starts
        .filter((other) => other.atMs >= atMs && other.atMs < atMs + windowMs)
        .reduce((sum, { mail }) => sum + of(mail), 0),
    ),
  );
}

const askedMails = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 4_000 }),
    mails: fc.array(
      fc.record({ recipients: fc.integer({ min: 1, max: 20 }), bytes: fc.integer({ min: 1, max: 40_000 }) }),
      {
        maxLength: 30,
      },
    ),
    lateMs: fc.integer({ min: 0, max: launchSlackMs - 1 }),
  }),
  { minLength: 1, maxLength: 80 },
);

describe('no rolling window ever has more than the rate, however late each permit is used', () => {
  test('mails a minute', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), askedMails, (mailsPerMinute, asks) => {
        const starts = run({ ...unlimited, mailsPerMinute }, asks);
        expect(mostInWindow(starts, 60_000, () => 1)).toBeLessThanOrEqual(mailsPerMinute);
      }),
      { numRuns: 60 },
    );
  });

  test('mails an hour', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), askedMails, (mailsPerHour, asks) => {
        const starts = run({ ...unlimited, mailsPerHour }, asks);
        expect(mostInWindow(starts, 3_600_000, () => 1)).toBeLessThanOrEqual(mailsPerHour);
      }),
      { numRuns: 60 },
    );
  });

  test('bytes in five minutes, where no mail is larger than a quarter of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 160_000, max: 2_000_000 }), askedMails, (bytesPerFiveMinutes, asks) => {
        const starts = run({ ...unlimited, bytesPerFiveMinutes }, asks);
        expect(mostInWindow(starts, 300_000, ({ bytes }) => bytes)).toBeLessThanOrEqual(bytesPerFiveMinutes);
      }),
      { numRuns: 60 },
    );
  });
});

test('a minute is filled evenly: two mails never stand closer than the rate', () => {
  const asks = Array.from({ length: 200 }, () => ({ afterMs: 500, mails: [small, small, small], lateMs: 0 }));
  const starts = run({ ...unlimited, mailsPerMinute: 60 }, asks).map(({ atMs }) => atMs);
  const gaps = starts.slice(1).map((atMs, index) => atMs - (starts[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1_000);
  // 100 seconds at one a second, less what the slack takes.
  expect(starts.length).toBeGreaterThanOrEqual(97);
});

test('of an hour, a tenth may go at once after a rest', () => {
  const grant = grantPermits(
    { state: rested, figures: { ...unlimited, mailsPerHour: 100 }, factor: 1, recipientsLeft: null },
    Array.from({ length: 30 }, () => small),
    beginMs,
  );
  expect(grant.startsMs).toEqual(Array.from({ length: 10 }, () => beginMs));
  expect(grant.next).toMatchObject({ kind: 'rate', cause: 'hour' });
});

test('permits reach no further than the horizon, and the answer says when to go on', () => {
  const figures = { ...unlimited, mailsPerMinute: 30 };
  const grant = grantPermits(
    { state: rested, figures, factor: 1, recipientsLeft: null },
    [small, small],
    beginMs,
  );
  expect(grant.startsMs).toEqual([beginMs]);
  expect(grant.next).toEqual({ kind: 'rate', cause: 'minute', startMs: beginMs + 61_000 / 30 });
  expect(nextStart({ state: grant.state, figures, factor: 1 }, beginMs).startMs).toBeGreaterThan(
    beginMs + permitHorizonMs,
  );
});

test('a mail without room in the quota ends the line', () => {
  const facts = { state: rested, figures: unlimited, factor: 1, recipientsLeft: 5 };
  const mails = [small, { recipients: 4, bytes: 10 }, { recipients: 1, bytes: 10 }];
  expect(grantPermits(facts, mails, beginMs)).toMatchObject({
    startsMs: [beginMs, beginMs],
    next: { kind: 'quota', left: 0 },
  });
});

test('without figures everything goes at once', () => {
  const grant = grantPermits(
    { state: rested, figures: unlimited, factor: 1, recipientsLeft: null },
    [small, small],
    beginMs,
  );
  expect(grant).toEqual({ startsMs: [beginMs, beginMs], state: rested, next: { kind: 'none' } });
});

test('the reserve is taken off every figure, the slow-down off rates and connections', () => {
  const figures: PoolFigures = {
    mailsPerMinute: 30,
    mailsPerHour: 1_000,
    recipientsPerDay: 10_000,
    bytesPerFiveMinutes: 1_000_000,
    connections: 3,
    reservePercent: 20,
    reserveRecipients: 500,
  };
  expect(usableFigures(figures, 1)).toEqual({
    mailsPerMinute: 24,
    mailsPerHour: 800,
    recipientsPerDay: 7_500,
    bytesPerFiveMinutes: 800_000,
    connections: 2,
  });
  expect(usableFigures(figures, 0.5)).toMatchObject({
    mailsPerMinute: 12,
    recipientsPerDay: 7_500,
    connections: 1,
  });
});
