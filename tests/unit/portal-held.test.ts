import { describe, expect, it } from 'vitest';
import type { AutoResumeView, ResumePreview } from '#lib/backlog/views.ts';
import { autoResumeWords } from '#app/(portal)/held-list/auto-resume-words.ts';
import { filterWords } from '#app/(portal)/held-list/filter-words.ts';
import { choiceOf } from '#app/(portal)/held-list/held-choice.ts';
import { heldFiltersOf, heldSearch, isHeldFiltered } from '#app/(portal)/held-list/held-search.ts';
import { passedWords, resumeEffect, resumeLabel, resumeNotes } from '#app/(portal)/held-list/resume-words.ts';
import { readTypedNumber } from '#app/(portal)/limits/typed-number.ts';

const preview: ResumePreview = {
  mails: 1_281,
  recipients: 1_702,
  byReason: { day_limit: 1_281, quota: 0, recipients_limit: 0, flood: 0, by_hand: 0 },
  asOf: '2026-11-21T13:00:00Z',
  limits: [],
  usedToday: 20_000,
  limit: 20_000,
  passedBy: 1_281,
  percent: 6.4,
  overRecipients: null,
  quotaHeld: 0,
  waiting: [],
  minutesAtPace: null,
};

const auto: AutoResumeView = {
  isOn: true,
  isInherited: false,
  threshold: null,
  pending: 980,
  blockedBy: 'no_room',
  nextCause: { kind: 'new_day', at: '2026-11-21T23:00:00.000Z' },
  willRelease: 412,
  pendingByEnd: null,
  timeZone: 'Europe/Berlin',
};
const now = '2026-11-21T13:00:00.000Z';

describe('a resume in words (PRODUCT 5.5)', () => {
  it('says which limit is passed, by how much, and what stays', () => {
    expect(resumeEffect(preview, 1_284)).toBe(
      "They go out although today's limit is reached. The 3 left out stay in the backlog.",
    );
    expect(resumeLabel(preview)).toBe('Resume 1,281, pass the limit by 1,281');
    expect(passedWords(preview)).toBe('1,281 mails (6.4%)');
    expect(passedWords({ ...preview, passedBy: 1, percent: 0 })).toBe('1 mail (under 0.1%)');
  });

  it('says so where no limit is passed, or not all fit', () => {
    expect(resumeEffect({ ...preview, passedBy: 0 }, 1_281)).toBe(
      'They go out now, each in its turn. No daily limit is passed.',
    );
    expect(resumeEffect({ ...preview, usedToday: 19_000, passedBy: 281 }, 1_281)).toBe(
      "They go out although today's limit has not enough room for all of them.",
    );
    expect(resumeLabel({ ...preview, passedBy: 0 })).toBe('Resume 1,281');
  });

  it('never promises what a spent quota holds', () => {
    expect(resumeEffect({ ...preview, quotaHeld: 3 }, 1_284)).toContain(
      "The 3 left out stay in the backlog: the provider's quota that holds them is spent.",
    );
  });

  it('says what of it is set aside for high priority', () => {
    const limit = { scope: 'smtp', limit: 100, used: 90, mails: 9, passedBy: 0, heldAgain: 4, percent: 0 };
    expect(resumeNotes({ ...preview, limits: [limit] }, null)).toContain(
      '4 mails use what is set aside for high priority.',
    );
  });

  it('names recipients, minutes and projects that wait on', () => {
    const notes = resumeNotes(
      {
        ...preview,
        overRecipients: { mails: 1, largest: 212, limit: 100 },
        waiting: [{ project: { id: 'p', slug: 'billing', name: 'Billing' }, mails: 12, reason: 'paused' }],
      },
      5.2,
    );
    expect(notes[0]).toContain('To 1,702 recipients, done in about 6 min.');
    expect(notes[1]).toBe('1 mail passes the limit of 100 recipients; the largest has 212.');
    expect(notes[2]).toBe('Billing is paused: 12 mails of these wait on in its queue.');
  });
});

describe('auto resume in words (PRODUCT 5.6)', () => {
  it('says what it will do next and when, in the zone of the organization', () => {
    expect(autoResumeWords(auto, now).title).toBe('Auto resume is on.');
    expect(autoResumeWords(auto, now).detail).toContain('Next: at 00:00 Europe/Berlin, 412 of 980.');
  });

  it('says that a flood above the threshold stays', () => {
    const { detail } = autoResumeWords(
      { ...auto, threshold: 500, blockedBy: 'threshold', willRelease: 0 },
      now,
    );
    expect(detail).toContain('as long as fewer than 500 wait');
    expect(detail).toContain('980 mails wait now, not fewer than 500: they stay until');
  });

  it('says how many wait by midnight, and that so many stay, where it is known', () => {
    expect(autoResumeWords({ ...auto, pendingByEnd: 14_312 }, now).detail).toContain(
      "At today's pace about 14,300 wait by midnight. Next: at 00:00 Europe/Berlin, 412 of 980.",
    );
    const { detail } = autoResumeWords({ ...auto, threshold: 12_000, pendingByEnd: 14_312 }, now);
    expect(detail).toMatch(
      /At today's pace about 14,300 wait by midnight, so they will stay until a person resumes them or the limit is raised\.$/,
    );
    expect(autoResumeWords({ ...auto, pendingByEnd: 980 }, now).detail).not.toContain('pace');
  });

  it('says who has chosen that it is off', () => {
    expect(autoResumeWords({ ...auto, isOn: false, isInherited: true }, now)).toEqual({
      title: 'Auto resume is off.',
      detail: 'Held mails stay until a person resumes them. The organization has chosen so.',
    });
  });

  it('says nothing of a next time while none waits', () => {
    expect(autoResumeWords({ ...auto, pending: 0, nextCause: null }, now).detail).toContain(
      'None waits for it now.',
    );
  });
});

describe('the address of a backlog', () => {
  it('becomes the filters of the list; what cannot be used is left out', () => {
    const search = heldSearch.parse({
      q: ' ines ',
      reason: 'flood',
      held: 'day',
      priority: 'urgent',
      recipients: '0',
      sort: '-size',
    });
    expect(heldFiltersOf(search, new Date(now))).toEqual({
      search: 'ines',
      reason: ['flood'],
      heldSince: '2026-11-20T13:00:00.000Z',
    });
    expect(search.sort).toBe('-size');
    expect(isHeldFiltered(search)).toBe(true);
    expect(isHeldFiltered(heldSearch.parse({ sort: 'nonsense', project: 'billing' }))).toBe(false);
    expect(isHeldFiltered(heldSearch.parse({ q: 'a\0b' }))).toBe(false);
  });

  it('is said in words', () => {
    expect(filterWords({ category: 'survey', priority: ['high'] })).toBe(
      'Category is survey, Priority is high',
    );
    expect(filterWords({})).toBe('');
  });

  it('means the ticked rows, or all that match but some', () => {
    const bulk = {
      ids: ['a'],
      allMatching: false,
      except: [],
      count: 1,
      isCapped: false,
      clear: () => undefined,
    };
    expect(choiceOf('billing', { category: 'survey' }, bulk).selection).toEqual({ ids: ['a'] });
    expect(
      choiceOf('billing', { category: 'survey' }, { ...bulk, allMatching: true, except: ['b'], count: 9 })
        .selection,
    ).toEqual({ filter: { category: 'survey' }, except: ['b'] });
  });
});

describe('a limit as it is typed (PRODUCT 5.1)', () => {
  it('takes marks between groups, blank as none, and 0 for the verb to refuse', () => {
    expect(readTypedNumber('25,000')).toEqual({ kind: 'number', value: 25_000 });
    expect(readTypedNumber(' 25.000 ')).toEqual({ kind: 'number', value: 25_000 });
    expect(readTypedNumber('')).toEqual({ kind: 'blank' });
    expect(readTypedNumber('0')).toEqual({ kind: 'number', value: 0 });
    expect(readTypedNumber('-5').kind).toBe('unclear');
    expect(readTypedNumber('1.5').kind).toBe('unclear');
    expect(readTypedNumber('many').kind).toBe('unclear');
  });
});
