import type { MailSettingsDocument } from '../settings/schemas.ts';
import { decideSender, type SenderDecision, type SenderRules } from './allowed-senders.ts';
import { headerValue, splitEntity } from './mime-entity.ts';

export interface DepartingMail {
  readonly fromAddress: string | null;
  readonly envelopeFrom: string | null;
  /** What the API key narrows the senders to; null leaves the project's. */
  readonly keySenders: readonly string[] | null;
  readonly headers: string;
  readonly filledHeaders: readonly string[];
}

export type DepartingSender =
  /** Header block, what settings fill of it, and the reverse path. */
  | {
      readonly kind: 'allowed';
      readonly headers: string;
      readonly filledHeaders: readonly string[];
      readonly envelopeFrom: string;
    }
  | { readonly kind: 'refused'; readonly address: string };

/**
 * By whom a mail leaves. What was allowed when the mail was accepted may be so no longer, and without settings nobody
 * could say: so the rules of this moment decide again (PRODUCT 2.17). Where others are rewritten, the original stays
 * reachable as Reply-To. Pure.
 */
export function departingSender(
  { sender, sending }: Pick<MailSettingsDocument, 'sender' | 'sending'>,
  mail: DepartingMail,
): DepartingSender {
  const { fromAddress, envelopeFrom, headers, filledHeaders } = mail;
  const rules: SenderRules = {
    configured: sender.address,
    allowed: sending.allowedSenders,
    others: sending.otherSenders,
    keyAllowed: mail.keySenders,
  };
  const from = decide(rules, fromAddress);
  const path = decide(rules, envelopeFrom);
  if (from === 'refuse') return { kind: 'refused', address: fromAddress ?? '' };
  if (path === 'refuse') return { kind: 'refused', address: envelopeFrom ?? '' };
  const keptPath = path === 'allowed' ? envelopeFrom : null;
  if (from === 'allowed') {
    return {
      kind: 'allowed',
      headers,
      filledHeaders,
      envelopeFrom: keptPath ?? fromAddress ?? sender.address,
    };
  }
  return { kind: 'allowed', ...rewritten(headers, filledHeaders), envelopeFrom: keptPath ?? sender.address };
}

// Most mail names no sender, or the configured one: nothing is looked up then. The null reverse path is nobody's.
function decide(rules: SenderRules, address: string | null): SenderDecision {
  if (address === null || address === '') return 'allowed';
  if (address === rules.configured && rules.keyAllowed === null) return 'allowed';
  return decideSender(rules, address);
}

function rewritten(
  headers: string,
  filledHeaders: readonly string[],
): { readonly headers: string; readonly filledHeaders: readonly string[] } {
  const { fields } = splitEntity(`${headers}\r\n`);
  const from = fields.find(({ lower }) => lower === 'from');
  const others = fields.filter(({ lower }) => lower !== 'from').map(({ raw }) => raw);
  const hasReplyTo = headerValue(fields, 'reply-to') !== null;
  const original = from === undefined || hasReplyTo ? '' : `Reply-To${from.raw.slice(from.raw.indexOf(':'))}`;
  return {
    headers: original + others.join(''),
    filledHeaders: ['from', ...filledHeaders.filter((name) => name !== 'from' && name !== 'reply-to')],
  };
}
