import type { Fault, RecipientResult, SendOutcome, ServerReply } from '#lib/transports/contract.ts';
import type { MagicOutcome } from './sending-mode.ts';

export interface MagicRecipient {
  readonly address: string;
  readonly outcome: MagicOutcome;
}

/** How long a mail to slow@ takes. */
export const slowMs = 3000;

const texts = {
  temporary: { code: 451, enhancedCode: '4.3.0', text: 'Temporary failure, as this address asks for' },
  permanent: { code: 550, enhancedCode: '5.1.1', text: 'Refused, as this address asks for' },
  uncertain: {
    code: null,
    enhancedCode: null,
    text: 'No answer after end-of-data, as this address asks for',
  },
  accepted: { code: 250, enhancedCode: '2.0.0', text: 'Accepted, as this address asks for' },
} as const satisfies Record<string, ServerReply>;

/** The outcome of a mail that has magic recipients only: nothing of it leaves. */
export function decideMagic(recipients: readonly MagicRecipient[]): SendOutcome {
  if (recipients.some(({ outcome }) => outcome === 'uncertain')) {
    return { kind: 'uncertain', fault: faultOf('answer', 'MAGIC_UNCERTAIN', texts.uncertain) };
  }
  const perRecipient = recipients.map(resultOf);
  if (perRecipient.some(({ kind }) => kind === 'accepted')) {
    return { kind: 'accepted', serverId: null, reply: texts.accepted, perRecipient };
  }
  if (perRecipient.some(({ kind }) => kind === 'temporary')) {
    const fault = faultOf('recipient', 'MAGIC_TEMPORARY', texts.temporary);
    return { kind: 'temporary', fault, perRecipient };
  }
  const fault = faultOf('recipient', 'MAGIC_PERMANENT', texts.permanent);
  return { kind: 'permanent', fault, perRecipient };
}

/** Magic recipients beside real ones share the mail's fate; their own word counts where the server took the mail. */
export function addMagicResults(outcome: SendOutcome, recipients: readonly MagicRecipient[]): SendOutcome {
  if (outcome.kind !== 'accepted' || recipients.length === 0) return outcome;
  return { ...outcome, perRecipient: [...outcome.perRecipient, ...recipients.map(resultOf)] };
}

function resultOf({ address, outcome }: MagicRecipient): RecipientResult {
  switch (outcome) {
    case 'delivered':
    case 'slow':
    case 'uncertain':
      return { kind: 'accepted', address, reply: texts.accepted };
    case 'temporary':
      return { kind: 'temporary', address, code: 'MAGIC_TEMPORARY', reply: texts.temporary };
    case 'permanent':
      return { kind: 'permanent', address, code: 'MAGIC_PERMANENT', reply: texts.permanent };
    default:
      return outcome satisfies never;
  }
}

function faultOf(stage: Fault['stage'], code: string, reply: ServerReply): Fault {
  return { stage, scope: 'recipient', code, reply };
}
