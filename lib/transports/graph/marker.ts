import { createHash } from 'node:crypto';

/**
 * Our own mark on each mail, beside its Message-ID: that Exchange keeps the Message-ID of MIME is nowhere promised.
 * Exchange makes a named property of every x- header, and that can be filtered for.
 */
export const markerHeader = 'X-Mailroom-Mark';

/** The named property that Exchange keeps such a header in (PS_INTERNET_HEADERS, MS-OXPROPS 1.3.2). */
export const markerProperty = `String {00020386-0000-0000-C000-000000000046} Name ${markerHeader}`;

/** How a mail was given to Exchange: a draft of ours that is still one was surely not sent. */
export type Way = 'send' | 'draft';

/** Of letters, digits and a hyphen only, so that it needs no escaping anywhere. */
export function markerOf(messageId: string, way: Way): string {
  return `${way}-${createHash('sha256').update(messageId).digest('hex').slice(0, 40)}`;
}

/** The header block with the mark as its first field. */
export function withMarker(header: Buffer, messageId: string, way: Way): Buffer {
  return Buffer.concat([Buffer.from(`${markerHeader}: ${markerOf(messageId, way)}\r\n`, 'ascii'), header]);
}
