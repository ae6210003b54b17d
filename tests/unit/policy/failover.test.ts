import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideFailover, type FailoverFacts, isServersOwn, primaryProbeGapMs } from '#lib/policy/failover.ts';

const onPrimary: FailoverFacts = {
  endpoint: 'primary',
  hasAlternate: true,
  reachFailures: 1,
  isBothDown: false,
};
const refused = { stage: 'connect', code: 'CONNECT_REFUSED' } as const;

describe('to the alternate (PRODUCT 6.1)', () => {
  test.each([
    ['resolve', 'HOST_UNKNOWN'],
    ['resolve', 'DNS_TIMEOUT'],
    ['connect', 'CONNECT_REFUSED'],
    ['tls', 'SMTP_TLS_FAILED'],
    ['greet', 'SMTP_SERVER_CLOSING'],
    ['proxy', 'PROXY_TARGET_UNREACHABLE'],
  ] as const)('%s: %s counts three times in a row', (stage, code) => {
    const kinds = [1, 2, 3].map(
      (reachFailures) => decideFailover({ stage, code }, { ...onPrimary, reachFailures }).kind,
    );
    expect(kinds).toEqual(['stay', 'stay', 'to_alternate']);
  });

  test.each(['CONNECT_TIMEOUT', 'SMTP_TIMEOUT'])('a whole %s counts at once', (code) => {
    expect(decideFailover({ stage: 'connect', code }, onPrimary).kind).toBe('to_alternate');
  });

  test.each([
    ['token', 'OAUTH_UNREACHABLE'],
    ['http', 'HTTP_TIMEOUT'],
    ['proxy', 'PROXY_UNREACHABLE'],
  ] as const)('%s: %s would meet the alternate too', (stage, code) => {
    expect(isServersOwn({ stage, code })).toBe(false);
    expect(decideFailover({ stage, code }, { ...onPrimary, reachFailures: 9 })).toEqual({ kind: 'stay' });
  });

  test('a 421 in the place of a sign-in is no greeting, however often it comes', () => {
    const fault = { stage: 'authenticate', code: 'SMTP_SERVER_CLOSING' } as const;
    expect(decideFailover(fault, { ...onPrimary, reachFailures: 9 })).toEqual({ kind: 'stay' });
  });

  test('without an alternate nothing changes, however often it fails', () => {
    const alone = { ...onPrimary, hasAlternate: false, reachFailures: 99 };
    expect(decideFailover(refused, alone)).toEqual({ kind: 'stay' });
  });
});

describe('both down', () => {
  test('the alternate fails as often as the primary did, and only that is new', () => {
    const onAlternate = { ...onPrimary, endpoint: 'alternate' } as const;
    expect(decideFailover(refused, { ...onAlternate, reachFailures: 2 })).toEqual({ kind: 'stay' });
    expect(decideFailover(refused, { ...onAlternate, reachFailures: 3 })).toEqual({
      kind: 'both_down',
      next: 'primary',
      isNew: true,
    });
  });

  test('from then on each failure gives the turn to the other', () => {
    const down = { ...onPrimary, isBothDown: true };
    expect(decideFailover(refused, down)).toEqual({ kind: 'both_down', next: 'alternate', isNew: false });
    expect(decideFailover(refused, { ...down, endpoint: 'alternate' })).toEqual({
      kind: 'both_down',
      next: 'primary',
      isNew: false,
    });
  });
});

test('the primary is probed at least four times in the time for which it is to answer, and every 66 s at least', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1440 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (minutes, random) => {
        const gapMs = primaryProbeGapMs(minutes * 60_000, random);
        expect(gapMs).toBeLessThanOrEqual(66_000);
        expect((minutes * 60_000) / gapMs).toBeGreaterThanOrEqual(3.6);
        expect(gapMs).toBeGreaterThanOrEqual(13_000);
      },
    ),
  );
  expect(primaryProbeGapMs(null, 0.5)).toBe(60_000);
});
