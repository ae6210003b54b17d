import { expect, test } from 'vitest';
import { decideHold, type HoldFacts, type LimitRoom } from '#lib/policy/decide-hold.ts';

const spent: LimitRoom = { recipientsPerMail: 3, highLeft: 2, normalLeft: 0 };
const mail = (changes: Partial<HoldFacts> = {}): HoldFacts => ({
  isHigh: false,
  isCounted: false,
  overrides: 0,
  recipientCount: 1,
  ...changes,
});

test('a mail is held when nothing of the day is left for its priority', () => {
  expect(decideHold(mail(), spent)).toBe('day_limit');
  expect(decideHold(mail({ isHigh: true }), spent)).toBe(null);
  expect(decideHold(mail(), { recipientsPerMail: null, highLeft: null, normalLeft: null })).toBe(null);
});

test('what was counted, or let pass by a person, is not held by the limit of the day', () => {
  expect(decideHold(mail({ isCounted: true }), spent)).toBe(null);
  expect(decideHold(mail({ overrides: 1 }), spent)).toBe(null);
  expect(decideHold(mail({ overrides: 2 }), spent)).toBe('day_limit');
});

test('too many recipients hold a mail unless a person let that pass', () => {
  const large = { isHigh: true, recipientCount: 4 };
  expect(decideHold(mail(large), spent)).toBe('recipients_limit');
  expect(decideHold(mail({ ...large, overrides: 2 }), spent)).toBe(null);
  expect(decideHold(mail({ ...large, overrides: 1 }), spent)).toBe('recipients_limit');
});
