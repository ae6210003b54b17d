import type { UncertainChoice } from '#lib/settings/schemas.ts';
import { maxRepeats } from './crash-rule.ts';

export interface LookFacts {
  /** Uncertain outcomes of this mail so far. */
  readonly uncertainCount: number;
  /** Recipients for whom an earlier try was accepted: its copy would be found in place of the doubtful one. */
  readonly acceptedCount: number;
  /** Something of it is to be handed to a server now. */
  readonly leaves: boolean;
  /** The protocol and the rights that were granted allow a look. */
  readonly canLook: boolean;
  /** Of the project. A mail that a person sends again after a hold is looked for too. */
  readonly choice: UncertainChoice;
  /** An earlier try has left a draft at the far side: going on with it tells whether it was sent. */
  readonly isProvedByDraft: boolean;
}

/** Whether a mail is looked for at the far side before it is sent again (PRODUCT 4.8). */
export function mustLookFirst(facts: LookFacts): boolean {
  const { uncertainCount, acceptedCount, leaves, canLook, choice, isProvedByDraft } = facts;
  if (isProvedByDraft || choice === 'resend_at_once') return false;
  return uncertainCount > 0 && acceptedCount === 0 && leaves && canLook;
}

/** Whether a mail that may not be sent again is looked for once more, before it is left to a person. */
export function mustLookLast({
  acceptedCount,
  leaves,
  canLook,
}: Pick<LookFacts, 'acceptedCount' | 'leaves' | 'canLook'>): boolean {
  return acceptedCount === 0 && leaves && canLook;
}

/**
 * The doubts of a mail that lies in the queue for its last look, and is not sent again whatever that finds: a worker was
 * lost, and the one that clears up after it does not look by itself.
 */
export const lastLookCount = maxRepeats + 1;

export type LookDecision =
  /** A copy was found: the mail is sent, and nothing leaves. */
  | { readonly kind: 'sent' }
  /** Once more with the same Message-ID, marked as a repeat: what was not found may only be late. */
  | { readonly kind: 'send' };

/**
 * What follows from a look; null where nothing could be looked up. A Message-ID that other mails of Mailroom carry too
 * (the parts of a split, or one that callers gave twice) finds the copy of any of them and so proves nothing.
 */
export function decideLooked(found: boolean | null, isShared: boolean): LookDecision {
  return found === true && !isShared ? { kind: 'sent' } : { kind: 'send' };
}
