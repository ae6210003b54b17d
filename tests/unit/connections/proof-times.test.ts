import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideConnectionState } from '#lib/connections/connection-health.ts';
import { nextProofAt } from '#lib/connections/proof-times.ts';

const hourMs = 3_600_000;
import { newId } from '#lib/ids.ts';

test('PRODUCT 2.19: a connection that works is proved within 25 hours, and not within the hour', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.date({ min: new Date('2020-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
      (id, now) => {
        const waitMs = nextProofAt(id, now, true).getTime() - now.getTime();
        return waitMs >= hourMs && waitMs <= 25 * hourMs;
      },
    ),
  );
});

test('the proofs of many projects are spread over the day', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  const hours = new Set<number>();
  for (let each = 0; each < 500; each += 1) hours.add(nextProofAt(newId(), now, true).getUTCHours());
  expect(hours.size).toBe(24);
});

test('what fails is proved again after an hour', () => {
  const now = new Date('2026-11-21T12:00:00Z');
  expect(nextProofAt('0197a1b2-0000-7000-8000-000000000001', now, false)).toEqual(
    new Date('2026-11-21T13:00:00Z'),
  );
});

const end = (kind: 'client_secret' | 'server_certificate', daysLeft: number) => ({
  kind,
  endsAt: '2026-12-01T00:00:00Z',
  daysLeft,
});
const works = { isSetUp: true, isConsentMissing: false, ok: true, ends: [] };

test.each([
  ['without settings', { ...works, isSetUp: false }, 'not_set_up'],
  ['without a consent', { ...works, isConsentMissing: true, ok: false }, 'consent_missing'],
  ['that failed', { ...works, ok: false, ends: [end('client_secret', 3)] }, 'fails'],
  ['whose secret ends within 30 days', { ...works, ends: [end('client_secret', 30)] }, 'ends_soon'],
  ['whose secret ends later', { ...works, ends: [end('client_secret', 31)] }, 'works'],
  [
    'whose server renews its certificate in time',
    { ...works, ends: [end('server_certificate', 20)] },
    'works',
  ],
  ['whose server does not', { ...works, ends: [end('server_certificate', 7)] }, 'ends_soon'],
  ['that was not proved by these settings', { ...works, ok: null }, 'never_proved'],
  ['that works', works, 'works'],
] as const)('the state of a connection %s', (_what, facts, state) => {
  expect(decideConnectionState(facts)).toBe(state);
});
