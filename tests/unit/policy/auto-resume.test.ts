import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideRelease, type ReleaseFacts } from '#lib/policy/auto-resume.ts';
import { dealRoom } from '#lib/policy/deal-room.ts';

const facts: ReleaseFacts = {
  isOn: true,
  threshold: null,
  pending: 980,
  room: 412,
  isRaiseOpen: false,
  isHalted: false,
};

test.each<[string, Partial<ReleaseFacts>, ReturnType<typeof decideRelease>]>([
  ['room for a part, threshold blank', {}, { kind: 'release', count: 412, why: 'room' }],
  ['room for all', { room: 5_000 }, { kind: 'release', count: 980, why: 'room' }],
  ['the limit was removed', { room: null }, { kind: 'release', count: 980, why: 'room' }],
  ['box not ticked', { isOn: false }, { kind: 'none', why: 'off' }],
  ['box not ticked, limit raised', { isOn: false, isRaiseOpen: true }, { kind: 'none', why: 'off' }],
  [
    'pending below the threshold',
    { threshold: 981 },
    { kind: 'release', count: 412, why: 'below_threshold' },
  ],
  ['pending at the threshold', { threshold: 980 }, { kind: 'none', why: 'threshold' }],
  ['pending above it, new day', { threshold: 100 }, { kind: 'none', why: 'threshold' }],
  [
    'pending above it, limit raised',
    { threshold: 100, isRaiseOpen: true },
    { kind: 'release', count: 412, why: 'raise' },
  ],
  ['no room', { room: 0 }, { kind: 'none', why: 'no_room' }],
  ['less than no room: a limit was lowered', { room: -50 }, { kind: 'none', why: 'no_room' }],
  ['raised, and still spent', { room: 0, isRaiseOpen: true }, { kind: 'none', why: 'no_room' }],
  ['nothing waits', { pending: 0 }, { kind: 'none', why: 'nothing_pending' }],
  ['sending is paused', { isHalted: true }, { kind: 'none', why: 'halted' }],
])('%s', (_name, changes, expected) => {
  expect(decideRelease({ ...facts, ...changes })).toEqual(expected);
});

test('room is dealt in equal turns, and what one does not need the others get', () => {
  const waiting = new Map([
    ['a', 10],
    ['b', 500],
    ['c', 500],
  ]);
  expect(Object.fromEntries(dealRoom(100, waiting))).toEqual({ a: 10, b: 45, c: 45 });
  expect(Object.fromEntries(dealRoom(null, waiting))).toEqual({ a: 10, b: 500, c: 500 });
  expect(Object.fromEntries(dealRoom(0, waiting))).toEqual({ a: 0, b: 0, c: 0 });
});

test('dealing uses up the room or serves everyone, and nobody waits for one who got two more', () => {
  fc.assert(
    fc.property(fc.nat(2_000), fc.array(fc.nat(500), { minLength: 1, maxLength: 12 }), (room, counts) => {
      const waiting = new Map(counts.map((count, at) => [String(at), count]));
      const dealt = dealRoom(room, waiting);
      const total = [...dealt.values()].reduce((sum, count) => sum + count, 0);
      expect(total).toBe(
        Math.min(
          room,
          counts.reduce((sum, count) => sum + count, 0),
        ),
      );
      const short = [...waiting].filter(([id, wanted]) => (dealt.get(id) ?? 0) < wanted);
      const most = Math.max(...dealt.values());
      for (const [id] of short) expect((dealt.get(id) ?? 0) + 1).toBeGreaterThanOrEqual(most);
    }),
  );
});
