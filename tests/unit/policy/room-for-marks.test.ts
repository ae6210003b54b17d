import { expect, test } from 'vitest';
import { decideMarks, roomOf, type ScopeRoom, type StartingMail } from '#lib/policy/room-for-marks.ts';

const scope = (id: string, changes: Partial<ScopeRoom> = {}): ScopeRoom => ({
  id,
  mailsPerDay: null,
  highReserve: 0,
  used: 0,
  highUsed: 0,
  ...changes,
});

const mail = (changes: Partial<StartingMail> = {}): StartingMail => ({
  isHigh: false,
  needsNone: false,
  mayPass: false,
  scopes: ['protocol', 'project'],
  ...changes,
});

const kinds = (mails: readonly StartingMail[], rooms: readonly ScopeRoom[]): readonly string[] =>
  decideMarks(mails, rooms).map(({ kind }) => kind);

test('mails start in their order until the narrower limit is spent', () => {
  const rooms = [scope('protocol', { mailsPerDay: 10, used: 5 }), scope('project', { mailsPerDay: 2 })];
  expect(kinds([mail(), mail(), mail()], rooms)).toEqual(['start', 'start', 'no_room']);
});

test('a mail that finds its project spent takes nothing from the others of its protocol', () => {
  const rooms = [
    scope('protocol', { mailsPerDay: 1 }),
    scope('project', { mailsPerDay: 1, used: 1 }),
    scope('other'),
  ];
  expect(kinds([mail(), mail({ scopes: ['protocol', 'other'] })], rooms)).toEqual(['no_room', 'start']);
});

test('what was counted before, or never leaves, needs no room', () => {
  const rooms = [scope('protocol', { mailsPerDay: 1, used: 1 }), scope('project')];
  expect(decideMarks([mail({ needsNone: true })], rooms)).toEqual([
    { kind: 'start', passed: [false, false] },
  ]);
});

test('a mail that a person let pass starts, and is known to be beyond each limit that is spent', () => {
  const rooms = [scope('protocol', { mailsPerDay: 1, used: 1 }), scope('project', { mailsPerDay: 5 })];
  expect(decideMarks([mail({ mayPass: true })], rooms)).toEqual([{ kind: 'start', passed: [true, false] }]);
});

test('normal mail leaves what is set aside for high priority, and high mail uses that up', () => {
  const day = { mailsPerDay: 10, highReserve: 4, used: 6, highUsed: 0 };
  expect([roomOf(day, false), roomOf(day, true)]).toEqual([0, 4]);
  expect(roomOf({ ...day, used: 8, highUsed: 4 }, false)).toBe(2);
  const rooms = [scope('protocol', day), scope('project')];
  expect(kinds([mail(), mail({ isHigh: true })], rooms)).toEqual(['no_room', 'start']);
});
