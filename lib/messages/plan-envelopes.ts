import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { decideRecipients, type RecipientsRule } from '../policy/limit-recipients.ts';
import { decideDeparture, strictestMode } from '../policy/sending-mode.ts';
import type { SendingMode } from '../settings/schemas.ts';
import type { Recipient } from './recipient.ts';

/** One envelope of a mail: the first stands under the mail's own id. */
export interface Envelope {
  readonly id: string;
  readonly recipients: readonly Recipient[];
}

export interface EnvelopePlan {
  /** Nothing of it leaves, so that it meets no limit (PRODUCT 2.16). */
  readonly isExempt: boolean;
  readonly isHeld: boolean;
  /** The organization's choice that it was made by. */
  readonly policy: RecipientsRule['policy'];
  /** At least one; several where the limit splits it. */
  readonly envelopes: readonly Envelope[];
}

/** What of the project and the key decides it. */
export interface EnvelopeRules {
  readonly recipients: RecipientsRule;
  readonly projectMode: SendingMode;
  readonly keyMode: SendingMode | null;
}

/** Who gets the mail in which envelope. Throws `too_many_recipients` where the organization refuses at the door. */
export function planEnvelopes(
  rules: EnvelopeRules,
  mail: { readonly id: string; readonly sizeBytes: number; readonly recipients: readonly Recipient[] },
): EnvelopePlan {
  const whole = {
    isExempt: false,
    isHeld: false,
    policy: rules.recipients.policy,
    envelopes: [{ id: mail.id, recipients: mail.recipients }],
  };
  if (leavesNowhere(rules, mail.recipients)) return { ...whole, isExempt: true };
  const count = mail.recipients.length;
  const decision = decideRecipients(rules.recipients, { recipients: count, sizeBytes: mail.sizeBytes });
  switch (decision.kind) {
    case 'fits':
      return whole;
    case 'hold':
      return { ...whole, isHeld: true };
    case 'refuse':
      throw tooManyRecipients(count, decision.limit);
    case 'split':
      return { ...whole, envelopes: splitEnvelopes(mail, decision.sizes) };
    default:
      return decision satisfies never;
  }
}

function leavesNowhere({ projectMode, keyMode }: EnvelopeRules, recipients: readonly Recipient[]): boolean {
  const envelope = recipients.map(({ address }, position) => ({ address, position }));
  return decideDeparture(strictestMode(projectMode, keyMode), envelope, false).leaving.length === 0;
}

function splitEnvelopes(
  { id, recipients }: { readonly id: string; readonly recipients: readonly Recipient[] },
  sizes: readonly number[],
): readonly Envelope[] {
  let taken = 0;
  return sizes.map((size, index) => {
    const part = recipients.slice(taken, taken + size);
    taken += size;
    return { id: index === 0 ? id : newId(), recipients: part };
  });
}

function tooManyRecipients(count: number, limit: number): DomainError {
  const message = `The message has ${count} recipients; a mail may have at most ${limit}.`;
  return new DomainError('too_many_recipients', message, {
    issues: [{ field: 'to', message }],
    data: { recipients: count, limit },
  });
}
