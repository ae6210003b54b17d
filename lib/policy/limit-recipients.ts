/** What limits of recipients say at accept; of the protocol and the project, the lower number. */
export interface RecipientsRule {
  /** Distinct envelope addresses; null: no limit. */
  readonly recipientsPerMail: number | null;
  readonly policy: 'hold' | 'split' | 'refuse';
}

export type RecipientsDecision =
  | { readonly kind: 'fits' }
  /** Held by the limit, for a person or a raise to let go. */
  | { readonly kind: 'hold' }
  /** Sizes of the envelopes, in the order of the recipients; each at most the limit. */
  | { readonly kind: 'split'; readonly sizes: readonly number[] }
  | { readonly kind: 'refuse'; readonly limit: number };

/** Each envelope stores the content again, so a split of a large mail has an end. */
export const maxSplitBytes = 256 * 1024 * 1024;

/**
 * What becomes of a mail with so many recipients (PRODUCT 5.4). The envelopes of a split differ by one recipient at most.
 * A mail whose envelopes would be more than `maxSplitBytes` in all is held instead. Pure.
 */
export function decideRecipients(
  rule: RecipientsRule,
  mail: { readonly recipients: number; readonly sizeBytes: number },
): RecipientsDecision {
  const limit = rule.recipientsPerMail;
  if (limit === null || mail.recipients <= limit) return { kind: 'fits' };
  switch (rule.policy) {
    case 'hold':
      return { kind: 'hold' };
    case 'refuse':
      return { kind: 'refuse', limit };
    case 'split': {
      const envelopes = Math.ceil(mail.recipients / limit);
      if (envelopes * mail.sizeBytes > maxSplitBytes) return { kind: 'hold' };
      const least = Math.floor(mail.recipients / envelopes);
      const larger = mail.recipients % envelopes;
      const sizes = Array.from({ length: envelopes }, (_, index) => (index < larger ? least + 1 : least));
      return { kind: 'split', sizes };
    }
    default:
      return rule.policy satisfies never;
  }
}
