import type { RecipientResult, SendOutcome, ServerReply } from '#lib/transports/contract.ts';

export interface RecipientChange {
  readonly position: number;
  readonly state: 'pending' | 'accepted' | 'refused' | 'captured';
  readonly code: string | null;
  /** The server's words about this recipient, or about the whole mail. */
  readonly reply: string | null;
}

type Answered = Extract<SendOutcome, { kind: 'accepted' | 'temporary' | 'permanent' }>;
type Leaving = readonly { readonly address: string; readonly positions: readonly number[] }[];

/**
 * The result of each recipient that was in the envelope. An acceptance of RCPT counts only where the whole mail was
 * accepted in the end; a refusal of the whole mail reaches everyone who was not refused for themselves.
 */
export function recipientResults(outcome: Answered, leaving: Leaving): RecipientChange[] {
  const own = new Map(outcome.perRecipient.map((result) => [result.address, result]));
  return leaving.flatMap(({ address, positions }) => {
    const result = resultOf(outcome, own.get(address));
    return positions.map((position) => ({ position, ...result }));
  });
}

function resultOf(outcome: Answered, own: RecipientResult | undefined): Omit<RecipientChange, 'position'> {
  if (own?.kind === 'permanent') return { state: 'refused', code: own.code, reply: words(own.reply) };
  switch (outcome.kind) {
    case 'accepted':
      if (own?.kind === 'temporary') return { state: 'pending', code: own.code, reply: words(own.reply) };
      return { state: 'accepted', code: null, reply: words(own?.reply ?? outcome.reply) };
    case 'temporary':
      if (own?.kind === 'temporary') return { state: 'pending', code: own.code, reply: words(own.reply) };
      return { state: 'pending', code: outcome.fault.code, reply: words(outcome.fault.reply) };
    case 'permanent':
      if (own?.kind === 'temporary' && outcome.fault.scope === 'recipient') {
        return { state: 'pending', code: own.code, reply: words(own.reply) };
      }
      return { state: 'refused', code: outcome.fault.code, reply: words(outcome.fault.reply) };
    default:
      return outcome satisfies never;
  }
}

// The codes are part of what the server said: "550 5.1.1 No such mailbox".
function words(reply: ServerReply | null): string | null {
  if (reply === null) return null;
  return [reply.code, reply.enhancedCode, reply.text].filter((part) => part !== null).join(' ');
}
