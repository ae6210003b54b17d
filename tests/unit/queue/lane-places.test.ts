import { expect, test } from 'vitest';
import type { Clock } from '#lib/clock.ts';
import { LanePlaces, PlacesOfLanes } from '#lib/queue/lane-places.ts';

const project = '01900000-0000-7000-8000-000000000001';

/** A clock that stands still unless it is moved. */
function stillClock(): Clock & { pass(ms: number): void } {
  let nowMs = 1000;
  return {
    now: () => new Date(nowMs),
    monotonicMs: () => nowMs,
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

/** Reads from these places as a claim does: what it looked at, and one row where there is any. */
function claim(
  places: LanePlaces,
  clock: ReturnType<typeof stillClock>,
  { tookMs, finds }: { readonly tookMs: number; readonly finds: boolean },
): Promise<'start' | 'lately' | 'on'> {
  return places.read(async () => {
    const cursor = places.cursorOf(project);
    const looksBack = cursor.takeLookBack();
    const from = cursor.isAtStart ? 'start' : looksBack ? 'lately' : 'on';
    clock.pass(tookMs);
    if (finds) cursor.advance({ priority: 1, dueKey: '2026-11-21 12:00:00+00', messageId: project });
    return await Promise.resolve(from);
  });
}

const cheap = { tookMs: 1 };
const dear = { tookMs: 80 };

test('while a look from the start is cheap, only such a look says that nothing is due', async () => {
  const clock = stillClock();
  const places = new LanePlaces(clock);
  expect(await claim(places, clock, { ...cheap, finds: true })).toBe('start');
  places.noteFound();
  clock.pass(50);
  expect(await claim(places, clock, { ...cheap, finds: false })).toBe('on');
  expect(places.noteEmpty()).toBe(false);
  expect(await claim(places, clock, { ...cheap, finds: false })).toBe('start');
  expect(places.noteEmpty()).toBe(true);
});

test('once it has grown dear, what became due lately is looked at again instead, and the start only now and then', async () => {
  const clock = stillClock();
  const places = new LanePlaces(clock);
  await claim(places, clock, { ...dear, finds: true });
  places.noteFound();
  expect(await claim(places, clock, { ...cheap, finds: false })).toBe('on');
  expect(places.noteEmpty()).toBe(false);
  expect(await claim(places, clock, { ...cheap, finds: false })).toBe('lately');
  expect(places.noteEmpty()).toBe(true);

  clock.pass(20 * dear.tookMs);
  places.wantLook();
  expect(await claim(places, clock, { ...dear, finds: false })).toBe('start');
});

test('however dear it is, the start is looked at again within two seconds', async () => {
  const clock = stillClock();
  const places = new LanePlaces(clock);
  await claim(places, clock, { tookMs: 60_000, finds: true });
  clock.pass(2000);
  places.wantLook();
  expect(await claim(places, clock, { ...cheap, finds: false })).toBe('start');
});

test('mail that comes while an empty batch is read is looked for before the lane is left', async () => {
  const clock = stillClock();
  const places = new LanePlaces(clock);
  await places.read(() => {
    places.wantLook();
    return Promise.resolve();
  });
  expect(places.noteEmpty()).toBe(false);
  await claim(places, clock, { ...cheap, finds: false });
  expect(places.noteEmpty()).toBe(true);
});

test('the places of a lane are for its next drain only, and that one looks again too', async () => {
  const clock = stillClock();
  const known = new PlacesOfLanes(clock);
  const first = known.take('a');
  await claim(first, clock, { ...dear, finds: true });
  known.keep('a', first);

  const next = known.take('a');
  expect(next).toBe(first);
  clock.pass(250);
  expect(await claim(next, clock, { ...cheap, finds: false })).toBe('lately');
  expect(known.take('a')).not.toBe(first);
});
