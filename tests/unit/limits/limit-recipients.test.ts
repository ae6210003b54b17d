import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideRecipients, maxSplitBytes } from '#lib/policy/limit-recipients.ts';
import { holdReasonFacts, holdReasons, isHoldReason } from '#lib/policy/hold-reasons.ts';

const policies = fc.constantFrom('hold' as const, 'split' as const, 'refuse' as const);

describe('recipients at the door (PRODUCT 5.4)', () => {
  test('a mail within the limit fits, whatever the choice', () => {
    fc.assert(
      fc.property(
        policies,
        fc.integer({ min: 1, max: 1000 }),
        fc.nat({ max: 1000 }),
        (policy, recipients, room) => {
          const rule = { policy, recipientsPerMail: recipients + room };
          expect(decideRecipients(rule, { recipients, sizeBytes: 1 })).toEqual({ kind: 'fits' });
          const free = { policy, recipientsPerMail: null };
          expect(decideRecipients(free, { recipients, sizeBytes: 1 })).toEqual({ kind: 'fits' });
        },
      ),
    );
  });

  test('a split takes everyone along, in as few envelopes as can be, none beyond the limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999 }), fc.integer({ min: 1, max: 1000 }), (limit, over) => {
        const recipients = limit + over;
        const decision = decideRecipients(
          { policy: 'split', recipientsPerMail: limit },
          { recipients, sizeBytes: 1 },
        );
        if (decision.kind !== 'split') throw new Error(decision.kind);
        const { sizes } = decision;
        expect(sizes.reduce((total, size) => total + size, 0)).toBe(recipients);
        expect(sizes).toHaveLength(Math.ceil(recipients / limit));
        expect(Math.max(...sizes)).toBeLessThanOrEqual(limit);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('a mail too large to be stored so often is held instead', () => {
    const rule = { policy: 'split' as const, recipientsPerMail: 1 };
    const sizeBytes = maxSplitBytes / 10;
    expect(decideRecipients(rule, { recipients: 10, sizeBytes })).toMatchObject({ kind: 'split' });
    expect(decideRecipients(rule, { recipients: 11, sizeBytes })).toEqual({ kind: 'hold' });
  });

  test('the other choices hold, or refuse with the number', () => {
    const mail = { recipients: 5, sizeBytes: 1 };
    expect(decideRecipients({ policy: 'hold', recipientsPerMail: 4 }, mail)).toEqual({ kind: 'hold' });
    expect(decideRecipients({ policy: 'refuse', recipientsPerMail: 4 }, mail)).toEqual({
      kind: 'refuse',
      limit: 4,
    });
  });
});

test('the table of hold reasons says who may release each (PRODUCT 4.3)', () => {
  expect(holdReasons.map((reason) => [reason, holdReasonFacts[reason].releasedBy])).toEqual([
    ['day_limit', 'auto'],
    ['quota', 'auto'],
    ['recipients_limit', 'raise'],
    ['flood', 'person'],
    ['by_hand', 'person'],
  ]);
  expect(['day_limit', 'CODE', null].map(isHoldReason)).toEqual([true, false, false]);
});
