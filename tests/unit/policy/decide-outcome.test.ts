import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideOutcome, type OutcomeFacts } from '#lib/policy/decide-outcome.ts';
import { defaultRetrySchedule } from '#lib/settings/schemas.ts';
import type { Fault, RecipientResult, SendOutcome, ServerReply } from '#lib/transports/contract.ts';

const reply: ServerReply = { code: 450, enhancedCode: '4.2.0', text: '450 4.2.0 later' };
const fault: Fault = { stage: 'answer', scope: 'mail', code: 'SOME_CODE', reply };

const facts: OutcomeFacts = {
  leaving: [
    { address: 'a@x.test', positions: [0] },
    { address: 'b@x.test', positions: [1] },
  ],
  captured: [],
  acceptedBefore: 0,
  capturedBefore: 0,
  attemptCount: 0,
  waitedMs: 0,
  uncertainCount: 0,
  crashCount: 0,
  schedule: defaultRetrySchedule,
  uncertainChoice: 'resend',
  repeatsAtOnce: false,
};

const accepted = (address: string): RecipientResult => ({ kind: 'accepted', address, reply: null });
const temporary = (address: string): RecipientResult => ({ kind: 'temporary', address, code: 'T', reply });
const permanent = (address: string): RecipientResult => ({ kind: 'permanent', address, code: 'P', reply });
const acceptance = (...perRecipient: RecipientResult[]): SendOutcome => ({
  kind: 'accepted',
  serverId: null,
  reply: null,
  perRecipient,
});

describe('recipients (PRODUCT 4.3)', () => {
  test('all accepted: sent', () => {
    const decision = decideOutcome(acceptance(accepted('a@x.test'), accepted('b@x.test')), facts, 0.5);
    expect(decision.message).toEqual({ kind: 'finished', state: 'sent' });
  });

  test('one refused for good: sent all the same, and that one is refused', () => {
    const decision = decideOutcome(acceptance(accepted('a@x.test'), permanent('b@x.test')), facts, 0.5);
    expect(decision.message).toEqual({ kind: 'finished', state: 'sent' });
    expect(decision.recipients.map(({ state }) => state)).toEqual(['accepted', 'refused']);
  });

  test('one refused for now: only that one stays pending', () => {
    const decision = decideOutcome(acceptance(accepted('a@x.test'), temporary('b@x.test')), facts, 0.5);
    expect(decision.message).toEqual({ kind: 'again', state: 'retrying', waitMs: 60_000 });
    expect(decision.recipients.map(({ state }) => state)).toEqual(['accepted', 'pending']);
  });

  test('the time is spent: whoever is pending is refused, and the mail is sent where one was accepted before', () => {
    const late = { ...facts, waitedMs: 48 * 3_600_000 };
    const outcome: SendOutcome = { kind: 'temporary', fault, perRecipient: [] };
    expect(decideOutcome(outcome, late, 0.5)).toMatchObject({
      message: { kind: 'finished', state: 'failed' },
      reason: 'RETRY_TIME_SPENT',
    });
    expect(decideOutcome(outcome, { ...late, acceptedBefore: 1 }, 0.5).message).toEqual({
      kind: 'finished',
      state: 'sent',
    });
  });

  test('RCPT accepted but the mail refused for now: nobody was served', () => {
    const outcome: SendOutcome = { kind: 'temporary', fault, perRecipient: [accepted('a@x.test')] };
    expect(decideOutcome(outcome, facts, 0.5).recipients.map(({ state }) => state)).toEqual([
      'pending',
      'pending',
    ]);
  });

  test('captured ones make a mail captured where nobody was accepted', () => {
    const none: SendOutcome = { kind: 'permanent', fault, perRecipient: [] };
    const decision = decideOutcome(none, { ...facts, captured: [2] }, 0.5);
    expect(decision.message).toEqual({ kind: 'finished', state: 'captured' });
    expect(decision.recipients.at(-1)).toMatchObject({ position: 2, state: 'captured' });
  });
});

describe('waiting never costs a try (PRODUCT 4.4)', () => {
  const outcomes: SendOutcome[] = [
    { kind: 'unreachable', fault },
    { kind: 'throttled', fault, retryAfterMs: 5000 },
    { kind: 'credentials', fault },
    { kind: 'withheld' },
  ];
  test.each(outcomes)('$kind goes back with its turn and its count kept', (outcome) => {
    const decision = decideOutcome(outcome, { ...facts, attemptCount: 2, waitedMs: 77 }, 0.5);
    expect(decision).toMatchObject({
      message: { kind: 'again', state: 'retrying', waitMs: null },
      costsTry: false,
      waitedMs: 77,
      recipients: [],
    });
  });

  test('what it does to the lane', () => {
    const kinds = outcomes.map((outcome) => decideOutcome(outcome, facts, 0).lane);
    expect(kinds).toMatchObject([
      { kind: 'wait', waitKind: 'unreachable', askedMs: null },
      { kind: 'wait', waitKind: 'throttled', askedMs: 5000 },
      { kind: 'stop' },
      { kind: 'none' },
    ]);
  });
});

describe('doubt (PRODUCT 4.8)', () => {
  const doubt: SendOutcome = { kind: 'uncertain', fault };

  test('two repeats, then uncertain', () => {
    const states = [0, 1, 2].map(
      (uncertainCount) => decideOutcome(doubt, { ...facts, uncertainCount }, 0.5).message,
    );
    expect(states.map(({ state }) => state)).toEqual(['retrying', 'retrying', 'uncertain']);
  });

  test('hold keeps it for a person at once', () => {
    expect(decideOutcome(doubt, { ...facts, uncertainChoice: 'hold' }, 0.5)).toMatchObject({
      message: { kind: 'finished', state: 'uncertain' },
      reason: 'HELD_BY_CHOICE',
    });
  });

  test('a lost worker is no reason to wait', () => {
    const decision = decideOutcome(doubt, { ...facts, repeatsAtOnce: true, crashCount: 1 }, 0.5);
    expect(decision.message).toEqual({ kind: 'again', state: 'retrying', waitMs: 0 });
  });

  test('a mail that was part of three crashes is set aside and says so', () => {
    const decision = decideOutcome(doubt, { ...facts, repeatsAtOnce: true, crashCount: 3 }, 0.5);
    expect(decision).toMatchObject({ message: { state: 'uncertain' }, reason: 'MAIL_CRASHES_WORKER' });
  });

  test('an answer that was lost is no crash, however often the mail could not be made ready before', () => {
    const decision = decideOutcome(doubt, { ...facts, crashCount: 3 }, 0.5);
    expect(decision).toMatchObject({ message: { state: 'retrying' }, reason: 'REPEAT_AFTER_UNCERTAIN' });
  });

  test.each([
    ['its repeats are spent', { uncertainCount: 2, crashCount: 1 }],
    ['it was part of three crashes', { uncertainCount: 0, crashCount: 3 }],
  ])('where the server can tell it goes back for one last look: %s', (_what, counts) => {
    const recovered = { ...facts, ...counts, repeatsAtOnce: true, looksLater: true };
    expect(decideOutcome(doubt, recovered, 0.5)).toMatchObject({
      message: { kind: 'again', state: 'retrying', waitMs: 0 },
      reason: 'LOOKED_FOR_LAST',
      uncertainCount: 3,
    });
    expect(decideOutcome(doubt, { ...recovered, uncertainChoice: 'hold' }, 0.5)).toMatchObject({
      message: { kind: 'finished', state: 'uncertain' },
    });
  });
});

test('whatever the answers are, every recipient in the envelope gets exactly one result', () => {
  const kinds = fc.constantFrom('accepted', 'temporary', 'permanent', 'missing');
  fc.assert(
    fc.property(
      fc.array(kinds, { minLength: 1, maxLength: 12 }),
      fc.constantFrom('accepted', 'temporary', 'permanent'),
      fc.integer({ min: 0, max: 2 ** 40 }),
      (recipients, kind, waitedMs) => {
        const leaving = recipients.map((_, index) => ({ address: `r${index}@x.test`, positions: [index] }));
        const perRecipient = recipients.flatMap((result, index): RecipientResult[] => {
          const address = `r${index}@x.test`;
          if (result === 'accepted') return [accepted(address)];
          if (result === 'temporary') return [temporary(address)];
          return result === 'permanent' ? [permanent(address)] : [];
        });
        const outcome: SendOutcome =
          kind === 'accepted'
            ? acceptance(...perRecipient)
            : { kind: kind === 'temporary' ? kind : 'permanent', fault, perRecipient };
        const decision = decideOutcome(outcome, { ...facts, leaving, waitedMs }, 0.5);
        expect(decision.recipients.map(({ position }) => position)).toEqual(
          recipients.map((_, index) => index),
        );
        const isPending = decision.recipients.some(({ state }) => state === 'pending');
        expect(decision.message.kind).toBe(isPending ? 'again' : 'finished');
        const anyAccepted = decision.recipients.some(({ state }) => state === 'accepted');
        if (!isPending) expect(decision.message.state).toBe(anyAccepted ? 'sent' : 'failed');
        if (kind !== 'accepted') expect(anyAccepted).toBe(false);
      },
    ),
  );
});
