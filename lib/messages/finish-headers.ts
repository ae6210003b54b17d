import { encodeMailbox, encodeText, headerLine } from './header-encoding.ts';
import { normalAddress } from './mailbox.ts';

/** Headers that settings fill when the mail starts, because the caller gave none (PRODUCT 4.7). */
export const fillableHeaders = ['from', 'reply-to'] as const;
export type FillableHeader = (typeof fillableHeaders)[number];

export interface HeadersToFinish {
  /** The stored header block: complete lines ended by CRLF, without the blank line. */
  readonly headers: string;
  readonly filledHeaders: readonly string[];
  /** The sender of the settings version that the mail goes out by. */
  readonly sender: { readonly name: string; readonly address: string; readonly replyTo: string | null };
  /** Headers of Mailroom's own, such as X-Mailroom-Original-Recipients. */
  readonly extra?: readonly { readonly name: string; readonly value: string }[];
}

/**
 * The complete header block as it goes on the wire, up to and with the blank line. Pure: the same settings give the
 * same bytes on every attempt, which keeps Message-ID and Date as they were at accept.
 */
export function finishHeaders(input: HeadersToFinish): string {
  const { sender, filledHeaders } = input;
  let block = '';
  for (const { name, value } of input.extra ?? []) block += headerLine(name, encodeText(oneLine(value)));
  if (filledHeaders.includes('from')) block += headerLine('From', encodeMailbox(oneLineSender(sender)));
  if (filledHeaders.includes('reply-to') && sender.replyTo !== null) {
    block += headerLine('Reply-To', wireAddress(sender.replyTo));
  }
  return `${block}${input.headers}\r\n`;
}

// Settings are checked when they are saved; this is the last door before the wire, so it holds by itself.
function oneLine(value: string): string {
  return value.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');
}

function oneLineSender(sender: { readonly name: string; readonly address: string }): {
  name: string;
  address: string;
} {
  return { name: oneLine(sender.name).trim(), address: wireAddress(sender.address) };
}

// Settings keep an international domain as it was typed; a header of mail for any server has its A-label.
function wireAddress(address: string): string {
  return normalAddress(address) ?? oneLine(address);
}
