import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideDeparture, matchesEntry, strictestMode } from '#lib/policy/sending-mode.ts';
import type { SendingMode } from '#lib/settings/schemas.ts';

const live: SendingMode = { kind: 'live' };
const capture: SendingMode = { kind: 'capture' };
const redirect: SendingMode = { kind: 'redirect', to: 'team@example.test' };
const list = (...entries: string[]): SendingMode => ({ kind: 'allow_list', entries });
const two = [
  { position: 0, address: 'a@one.test' },
  { position: 1, address: 'b@two.test' },
];

describe('the strictest of project and key holds (PRODUCT 2.16)', () => {
  test.each([
    [live, null, live],
    [live, capture, capture],
    [capture, live, capture],
    [redirect, list('one.test'), redirect],
    [list('one.test'), redirect, redirect],
    [live, list('one.test'), list('one.test')],
    [list('one.test', 'x@two.test'), list('two.test', 'a@one.test'), list('a@one.test', 'x@two.test')],
    [list('one.test'), list('two.test'), list()],
  ])('%j with %j is %j', (project, key, expected) => {
    const mode = strictestMode(project, key);
    const sorted = mode.kind === 'allow_list' ? { ...mode, entries: mode.entries.toSorted() } : mode;
    expect(sorted).toEqual(expected);
  });

  test('two lists let out exactly what both let out', () => {
    const entry = fc.constantFrom(
      'one.test',
      '*.one.test',
      'sub.one.test',
      '*.sub.one.test',
      'a@one.test',
      'two.test',
    );
    const entries = fc.array(entry, { maxLength: 4 });
    const address = fc.constantFrom(
      'a@one.test',
      'b@one.test',
      'a@sub.one.test',
      'a@x.sub.one.test',
      'a@two.test',
    );
    fc.assert(
      fc.property(entries, entries, address, (project, key, given) => {
        const mode = strictestMode(list(...project), list(...key));
        const isOut = decideDeparture(mode, [{ position: 0, address: given }], false).leaving.length === 1;
        const matches = (of: readonly string[]): boolean => of.some((one) => matchesEntry(one, given));
        expect(isOut).toBe(matches(project) && matches(key));
      }),
    );
  });
});

describe('who leaves', () => {
  test('live: everyone, each address once', () => {
    const departure = decideDeparture(live, [...two, { position: 2, address: 'a@one.test' }], false);
    expect(departure.leaving).toEqual([
      { address: 'a@one.test', positions: [0, 2] },
      { address: 'b@two.test', positions: [1] },
    ]);
  });

  test('capture: nobody', () => {
    expect(decideDeparture(capture, two, false)).toMatchObject({ leaving: [], captured: [0, 1] });
  });

  test('redirect: one address stands for all', () => {
    expect(decideDeparture(redirect, two, false)).toMatchObject({
      leaving: [{ address: 'team@example.test', positions: [0, 1] }],
      originalRecipients: ['a@one.test', 'b@two.test'],
    });
  });

  test('allow list: the others stay', () => {
    expect(decideDeparture(list('ONE.test'), two, false)).toMatchObject({
      leaving: [{ address: 'a@one.test', positions: [0] }],
      captured: [1],
    });
  });

  test('a released mail leaves whatever the mode says', () => {
    expect(decideDeparture(capture, two, true).leaving).toHaveLength(2);
  });

  test('magic recipients never leave, not even released or redirected', () => {
    const magic = [{ position: 0, address: 'Permanent+7@Magic.Mailroom.Test' }];
    for (const [mode, isReleased] of [
      [live, false],
      [redirect, false],
      [live, true],
    ] as const) {
      const departure = decideDeparture(mode, magic, isReleased);
      expect(departure.leaving).toEqual([]);
      expect(departure.magic).toMatchObject([{ position: 0, outcome: 'permanent' }]);
    }
  });
});

test.each(['bücher.example', '*.bücher.example', 'A@shop.Bücher.example'])(
  'the entry %s covers addresses in the form in which recipients are kept',
  (entry) => {
    const domain = entry.startsWith('b') ? 'xn--bcher-kva.example' : 'shop.xn--bcher-kva.example';
    expect(matchesEntry(entry, `a@${domain}`)).toBe(true);
    expect(matchesEntry(entry, 'a@xn--bcher-kva.example.test')).toBe(false);
  },
);
