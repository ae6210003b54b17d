import { describe, expect, test } from 'vitest';
import {
  decideFlood,
  type FloodMail,
  type FloodRule,
  floodDefaults,
  shapesOf,
  subjectShape,
  surgeShape,
} from '#lib/policy/flood.ts';

function mail(changes: Partial<FloodMail> = {}): FloodMail {
  return {
    sender: 'desk@example.test',
    recipients: ['reader@example.test'],
    subject: 'Ticket 4711 was updated',
    headers: 'MIME-Version: 1.0\r\n',
    envelopeFrom: null,
    ...changes,
  };
}

function key(changes: Partial<FloodMail>): string | undefined {
  return shapesOf(mail(changes))[0]?.key;
}

function surge(mails: number, isAllowed = false) {
  return [{ shape: surgeShape, mails, isAllowed }];
}

describe('the shape of a subject', () => {
  test.each([
    ['Ticket 4711 was updated', 'Ticket 99 was updated'],
    ['[#INC0012345] Printer on fire', '[#INC0098765] Printer on fire'],
    ['Re: AW: Re: Order 12', 'Order 13'],
    ['Disk 91.5% at 12:30:01 on 2026-11-21', 'Disk 7% at 8:05:59 on 2026-11-22'],
    ['Run 6f9619ff-8b86-d011-b42d-00c04fc964ff', 'Run 0199c3de-0000-7000-8000-000000000001'],
    ['Build deadbeef01 done', 'Build 0badcafe99 done'],
    ['  Spaces   and\tCASE ', 'spaces and case'],
  ])('“%s” is that of “%s”', (one, other) => {
    expect(subjectShape(one)).toBe(subjectShape(other));
  });

  test.each([
    ['Printer on fire', 'Printer on fire again'],
    ['Feedback', 'Decade'],
    ['', 'Subject'],
  ])('“%s” is another than that of “%s”', (one, other) => {
    expect(subjectShape(one)).not.toBe(subjectShape(other));
  });
});

describe('which rules a mail is counted by', () => {
  const table: readonly [name: string, changes: Partial<FloodMail>, rules: readonly FloodRule[]][] = [
    ['a mail of a person', {}, ['repeated']],
    ['a reply of a person', { subject: 'Re: Hello', headers: 'In-Reply-To: <a@b>\r\n' }, ['repeated']],
    ['a notice of a machine', { headers: 'Auto-Submitted: auto-generated\r\n' }, ['repeated']],
    [
      'a notice of a machine within a thread',
      { headers: 'Auto-Submitted: auto-generated\r\nReferences: <a@b>\r\n' },
      ['repeated'],
    ],
    [
      'an automatic reply',
      { headers: 'Subject: x\r\nauto-submitted: auto-replied\r\n' },
      ['replies', 'repeated'],
    ],
    ['one of an old responder', { headers: 'Precedence: auto_reply\r\n' }, ['replies', 'repeated']],
    ['one that says X-Autoreply', { headers: 'X-Autoreply: yes\r\n' }, ['replies', 'repeated']],
    [
      'an away note with the null sender',
      { subject: 'Out of Office: Ticket 4', envelopeFrom: '' },
      ['replies', 'repeated'],
    ],
    ['Auto-Submitted: no', { headers: 'Auto-Submitted: no\r\nIn-Reply-To: <a@b>\r\n' }, ['repeated']],
    [
      'an automatic reply to a machine',
      { headers: 'Auto-Submitted: auto-replied\r\n', recipients: ['MAILER-DAEMON@example.test'] },
      ['reply_to_automatic', 'replies', 'repeated'],
    ],
    [
      'a suppressed answer within a thread to no-reply',
      {
        headers: 'X-Auto-Response-Suppress: All\r\nIn-Reply-To: <a@b>\r\n',
        recipients: ['no-reply@example.test'],
      },
      ['reply_to_automatic', 'repeated'],
    ],
    [
      'bulk mail in reply to a bounce address',
      { headers: 'Precedence: bulk\r\n', subject: 'Re: x', recipients: ['bounce+42@example.test'] },
      ['reply_to_automatic', 'repeated'],
    ],
    [
      'a person writing to no-reply',
      { subject: 'Re: Hello', recipients: ['noreply@example.test'] },
      ['repeated'],
    ],
    [
      'a notice to postmaster',
      { headers: 'Auto-Submitted: auto-generated\r\n', recipients: ['postmaster@x.test'] },
      ['repeated'],
    ],
  ];
  test.each(table)('%s', (_name, changes, rules) => {
    expect(shapesOf(mail(changes)).map(({ rule }) => rule)).toEqual(rules);
  });

  test('the same sender, recipients in any order and case, and subject shape count together', () => {
    expect(key({ recipients: ['a@x.test', 'B@x.test'], subject: 'Order 1' })).toBe(
      key({ recipients: ['b@x.test', 'A@x.test'], subject: 'Order 2' }),
    );
    expect(key({ sender: 'other@example.test' })).not.toBe(key({}));
    expect(key({ recipients: ['other@example.test'] })).not.toBe(key({}));
  });
});

describe('the decision', () => {
  const [repeated] = shapesOf(mail());
  const [toMachine] = shapesOf(
    mail({ headers: 'Auto-Submitted: auto-replied\r\n', recipients: ['no-reply@example.test'] }),
  );
  if (repeated === undefined || toMachine === undefined) throw new Error('a mail has a shape');
  const seen = (mails: number, isAllowed = false) => [{ shape: repeated, mails, isAllowed }];
  const facts = { thresholds: floodDefaults, busiestHour: null };

  test.each([
    ['as many as may repeat', { ...facts, seen: seen(500) }, 'pass'],
    ['one more', { ...facts, seen: seen(501) }, 'hold'],
    ['one more, let through by a person', { ...facts, seen: seen(501, true) }, 'pass'],
    ['switched off', { ...facts, thresholds: { ...floodDefaults, isOn: false }, seen: seen(5_000) }, 'pass'],
    [
      'the first automatic reply to a machine',
      { ...facts, seen: [{ shape: toMachine, mails: 1, isAllowed: false }] },
      'hold',
    ],
    ['any number of a project that is not known yet', { ...facts, seen: surge(90_000) }, 'pass'],
    ['a surge below the floor', { ...facts, busiestHour: 10, seen: surge(1_000) }, 'pass'],
    ['a surge above the floor', { ...facts, busiestHour: 10, seen: surge(1_001) }, 'hold'],
    ['five times the busiest hour', { ...facts, busiestHour: 4_000, seen: surge(20_000) }, 'pass'],
    ['more than five times the busiest hour', { ...facts, busiestHour: 4_000, seen: surge(20_001) }, 'hold'],
    ['a surge that a person lets through', { ...facts, busiestHour: 10, seen: surge(9_000, true) }, 'pass'],
  ] as const)('%s', (_name, given, kind) => {
    expect(decideFlood(given).kind).toBe(kind);
  });

  test('says the rule, what was seen and what would have passed', () => {
    expect(decideFlood({ ...facts, seen: seen(620) })).toEqual({
      kind: 'hold',
      shape: repeated,
      seen: 620,
      threshold: 500,
    });
    expect(repeated.label).toBe('“ticket # was updated” to reader@example.test');
  });
});
