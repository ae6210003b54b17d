import { expect, test } from 'vitest';
import { decideLooked, type LookFacts, mustLookFirst, mustLookLast } from '#lib/policy/look-first.ts';

const doubtful: LookFacts = {
  uncertainCount: 1,
  acceptedCount: 0,
  leaves: true,
  canLook: true,
  choice: 'resend',
  isProvedByDraft: false,
};

test.each([
  ['a doubtful mail', doubtful, true],
  ['one in doubt a second time', { ...doubtful, uncertainCount: 2 }, true],
  ['one without a doubt', { ...doubtful, uncertainCount: 0 }, false],
  ['one that a server took for others before', { ...doubtful, acceptedCount: 1 }, false],
  ['one that stays here', { ...doubtful, leaves: false }, false],
  ['one of a server that cannot tell', { ...doubtful, canLook: false }, false],
  ['one that its draft proves', { ...doubtful, isProvedByDraft: true }, false],
  ['one of a project that never looks', { ...doubtful, choice: 'resend_at_once' }, false],
  ['one whose draft at the far side tells', { ...doubtful, isProvedByDraft: true }, false],
  ['one that a person sends again after a hold', { ...doubtful, choice: 'hold' }, true],
] satisfies readonly [string, LookFacts, boolean][])(
  'PRODUCT 4.8: whether %s is looked for first',
  (_what, facts, looks) => {
    expect(mustLookFirst(facts)).toBe(looks);
  },
);

test.each([
  ['a copy was found', true, false, 'sent'],
  ['a copy was found, but of a Message-ID that others carry', true, true, 'send'],
  ['none was found', false, false, 'send'],
  ['nothing could be looked up', null, false, 'send'],
] as const)('%s', (_what, found, isShared, kind) => {
  expect(decideLooked(found, isShared)).toEqual({ kind });
});

test.each([
  ['nothing stands against it', doubtful, true],
  ['it stays here', { ...doubtful, leaves: false }, false],
  ['the server cannot tell', { ...doubtful, canLook: false }, false],
  ['others took it before', { ...doubtful, acceptedCount: 1 }, false],
])('whether a mail is looked for once more where %s', (_what, facts, looks) => {
  expect(mustLookLast(facts)).toBe(looks);
});
