import { domainToASCII } from 'node:url';
import type { Envelope, RecipientResult, ServerReply } from '../contract.ts';
import { ownReply } from './reply.ts';

/** The envelope as it goes over the wire of one server, and what that server surely cannot take. */
export interface EnvelopePlan {
  /** Null when the sender itself cannot be sent; `senderCode` says why. */
  readonly from: string | null;
  readonly senderCode: AddressFaultCode | null;
  /** Wire form to the addresses of the envelope that it stands for. */
  readonly recipients: ReadonlyMap<string, readonly string[]>;
  readonly refused: readonly RecipientResult[];
}

const plainAddress = /^[!-;=?-~]+@[A-Za-z0-9.-]+$/;

/**
 * Turns envelope addresses into what this server takes: an international domain becomes its A-label, an
 * international local part needs SMTPUTF8 (RFC 6531), and nothing that could end the command goes out.
 */
export function planEnvelope(envelope: Envelope, offersSmtpUtf8: boolean): EnvelopePlan {
  const sender = envelope.from === '' ? { wire: '' } : wireAddress(envelope.from, offersSmtpUtf8);
  const recipients = new Map<string, string[]>();
  const refused: RecipientResult[] = [];
  for (const address of envelope.to) {
    const result = wireAddress(address, offersSmtpUtf8);
    if ('code' in result) {
      refused.push({ kind: 'permanent', address, code: result.code, reply: refusalReply(result.code) });
      continue;
    }
    const sharers = recipients.get(result.wire);
    if (sharers === undefined) recipients.set(result.wire, [address]);
    else sharers.push(address);
  }
  const isSendable = 'wire' in sender;
  return {
    from: isSendable ? sender.wire : null,
    senderCode: isSendable ? null : sender.code,
    recipients,
    refused,
  };
}

type AddressFaultCode = 'SMTP_ADDRESS_INVALID' | 'SMTP_SMTPUTF8_MISSING';
type WireAddress = { readonly wire: string } | { readonly code: AddressFaultCode };

function wireAddress(address: string, offersSmtpUtf8: boolean): WireAddress {
  if (plainAddress.test(address)) return { wire: address };
  const at = address.lastIndexOf('@');
  const local = address.slice(0, at);
  const isQuoted = /^"(?:[^"\\]|\\.)+"$/.test(local);
  // Control characters, separators and angle brackets could end the path or the line.
  if (at < 1 || /[\p{C}\p{Zl}\p{Zp}<>]/u.test(address) || (/\p{Z}/u.test(address) && !isQuoted)) {
    return { code: 'SMTP_ADDRESS_INVALID' };
  }
  const domain = asciiDomain(address.slice(at + 1));
  if (domain === null) return { code: 'SMTP_ADDRESS_INVALID' };
  if (isAscii(local) || offersSmtpUtf8) return { wire: `${local}@${domain}` };
  return { code: 'SMTP_SMTPUTF8_MISSING' };
}

function asciiDomain(domain: string): string | null {
  if (/^\[[0-9A-Za-z.:]+\]$/.test(domain)) return domain;
  if (/[\s"(),:;<>@[\\\]]/.test(domain)) return null;
  const ascii = isAscii(domain) ? domain : domainToASCII(domain);
  return ascii === '' ? null : ascii;
}

function isAscii(text: string): boolean {
  return /^[ -~]*$/.test(text);
}

/** Our own words beside a stable code, for refusals that the server was never asked about. */
export function refusalReply(code: AddressFaultCode | 'SMTP_TOO_LARGE'): ServerReply {
  switch (code) {
    case 'SMTP_ADDRESS_INVALID':
      return ownReply(
        '5.1.3',
        'The address cannot be written in an SMTP command; it was not sent to the server',
      );
    case 'SMTP_SMTPUTF8_MISSING':
      return ownReply('5.6.7', 'The server does not offer SMTPUTF8, which this address needs');
    case 'SMTP_TOO_LARGE':
      return ownReply('5.3.4', 'The mail is larger than the size that the server states');
    default: {
      const never: never = code;
      return never;
    }
  }
}
