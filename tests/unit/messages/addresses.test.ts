import { expect, test } from 'vitest';
import { newInternetMessageId } from '#lib/messages/compose.ts';
import { finishHeaders } from '#lib/messages/finish-headers.ts';
import { decideSender, matchesPattern, type SenderRules } from '#lib/messages/allowed-senders.ts';
import { normalAddress, parseMailbox } from '#lib/messages/mailbox.ts';
import { plannedTries } from '#lib/messages/planned-tries.ts';
import { searchQuery } from '#lib/messages/search-text.ts';
import { defaultRetrySchedule } from '#lib/settings/schemas.ts';

test.each([
  ['Ada@Example.COM', 'Ada@example.com'],
  ['ada@münchen.example', 'ada@xn--mnchen-3ya.example'],
  ['jörg@example.com', 'jörg@example.com'],
  ['postmaster@localhost', 'postmaster@localhost'],
  ['a@b@example.com', null],
  ['ada@exa mple.com', null],
  ['ada@example.com\r\nRCPT TO:<eve@example.com>', null],
  ['ada@example.com> SIZE=1', null],
  ['ada@example..com', null],
  ['.ada@example.com', null],
  ['ada@-example.com', null],
  ['ada@[127.0.0.1]', null],
  ['ada@example.com/path', null],
  [`${'x'.repeat(65)}@example.com`, null],
  ['@example.com', null],
  ['ada', null],
])('the address %j is %j', (given, normal) => {
  expect(normalAddress(given)).toBe(normal);
});

test.each([
  ['ada@example.com', '', 'ada@example.com'],
  ['Ada <ada@example.com>', 'Ada', 'ada@example.com'],
  ['"Doe, Ada \\"A\\"" <ada@example.com>', 'Doe, Ada "A"', 'ada@example.com'],
  ['Doe, Ada <ada@example.com>', 'Doe, Ada', 'ada@example.com'],
  ['eve@example.com <ada@example.com>', 'eve@example.com', 'ada@example.com'],
])('%j is read as a name and an address', (given, name, address) => {
  expect(parseMailbox(given)).toEqual({ name, address });
});

test.each(['a@example.com, b@example.com', '<>', 'Ada <>', 'Ada ada@example.com', 'Ada <ada@example.com> x'])(
  '%j is not one mailbox',
  (given) => expect(parseMailbox(given)).toBeNull(),
);

const rules: SenderRules = {
  configured: 'support@example.com',
  allowed: ['example.org', '*.example.net', 'ceo@example.com'],
  others: 'refuse',
  keyAllowed: null,
};

test.each([
  ['support@example.com', 'allowed'],
  ['any@example.org', 'allowed'],
  ['any@sub.example.org', 'refuse'],
  ['any@sub.example.net', 'allowed'],
  ['any@example.net', 'refuse'],
  ['any@evilexample.net', 'refuse'],
  ['ceo@example.com', 'allowed'],
  ['eve@example.com', 'refuse'],
] as const)('the sender %s is decided: %s (PRODUCT 2.17)', (address, decision) => {
  expect(decideSender(rules, address)).toBe(decision);
});

test('a key narrows what the project allows, and never widens it', () => {
  const narrowed = { ...rules, keyAllowed: ['any@example.org', 'eve@example.com'] };
  expect(decideSender(narrowed, 'any@example.org')).toBe('allowed');
  expect(decideSender(narrowed, 'other@example.org')).toBe('refuse');
  expect(decideSender(narrowed, 'eve@example.com')).toBe('refuse');
  expect(decideSender({ ...rules, others: 'rewrite' }, 'eve@example.com')).toBe('rewrite');
});

test('an international domain is the same in both of its forms', () => {
  expect(matchesPattern('münchen.example', 'ada@xn--mnchen-3ya.example')).toBe(true);
});

test('a search cannot leave its quotes', () => {
  expect(searchQuery("o'neil | !x & (y)")).toBe("'o':* & 'neil':* & 'x':* & 'y':*");
  expect(searchQuery('[]!')).toBeNull();
});

test('the ladder of tries ends with the time that the project gives a mail (PRODUCT 4.4)', () => {
  const now = new Date('2026-11-21T10:00:00Z');
  const plan = plannedTries(defaultRetrySchedule, { attemptCount: 0, waitedMs: 0 }, now, now);
  expect(plan.tries[0]).toBe(now.toISOString());
  expect(plan.tries[1]).toBe('2026-11-21T10:01:00.000Z');
  expect(new Date(plan.giveUpAt).getTime() - now.getTime()).toBeLessThanOrEqual(48 * 3_600_000);
  expect(new Date(plan.giveUpAt).getTime() - now.getTime()).toBeGreaterThan(40 * 3_600_000);
});

test('a sender with an international domain leaves as its A-label, in every header', () => {
  const sender = { name: 'B', address: 'info@Bücher.example', replyTo: 'help@bücher.example' };
  const block = finishHeaders({ headers: '', filledHeaders: ['from', 'reply-to'], sender });
  expect(block).toBe('From: B <info@xn--bcher-kva.example>\r\nReply-To: help@xn--bcher-kva.example\r\n\r\n');
  expect(newInternetMessageId('id', sender.address, 'http://localhost:3000')).toBe(
    '<id@xn--bcher-kva.example>',
  );
});
