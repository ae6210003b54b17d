import type { Envelope, RecipientResult, SendOutcome, ServerReply } from '../contract.ts';

/** Which addresses go out, and which surely cannot. */
export interface RecipientPlan {
  readonly addresses: readonly string[];
  readonly refused: readonly RecipientResult[];
  /** Set where nobody is left to send to. */
  readonly refusal: SendOutcome | null;
}

// One address in Exchange's eyes: nothing that ends or parts it, no control or blank.
const sendable = /^[^\s\p{C}<>,;]+@[^\s\p{C}<>,;@]+$/u;

/**
 * Exchange refuses a whole mail for one address that it cannot read (ErrorInvalidRecipients), so such an address is
 * refused here and the others get the mail.
 */
export function planRecipients(envelope: Envelope): RecipientPlan {
  const addresses = envelope.to.filter((address) => sendable.test(address));
  const refused = envelope.to
    .filter((address) => !sendable.test(address))
    .map((address): RecipientResult => ({ kind: 'permanent', address, code: 'EWS_ADDRESS_INVALID', reply }));
  const fault = { stage: 'recipient', scope: 'recipient', code: 'EWS_ADDRESS_INVALID', reply } as const;
  const refusal: SendOutcome | null =
    addresses.length > 0 ? null : { kind: 'permanent', fault, perRecipient: refused };
  return { addresses, refused, refusal };
}

const reply: ServerReply = {
  code: null,
  enhancedCode: '5.1.3',
  text: 'The address cannot be written in a request to Exchange; it was not sent to the server',
};
