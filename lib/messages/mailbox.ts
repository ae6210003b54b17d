import { domainToASCII } from 'node:url';
import { controlCharacters } from './header-encoding.ts';

/** A name and an address as a header shows them. */
export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

// Local part of at most 64 characters, no spaces, quotes or controls; may be international (RFC 6531).
const localPart = /^[^\s\p{C}"(),:;<>@[\\\]]{1,64}$/u;
const asciiDomain = /^(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
// "Name <address>": the last pair of angle brackets holds the address.
const namedAddress = /^(?<name>[^\r\n]*)<(?<address>[^<>]*)>$/u;

/**
 * The address with its domain in the one form that every server takes: lower case, A-labels. The local part is left as
 * it is, for only its owner's server knows whether case counts. Null when it is not an address.
 */
export function normalAddress(text: string): string | null {
  const at = text.lastIndexOf('@');
  if (at < 1 || text.length > 254) return null;
  const local = text.slice(0, at);
  if (!localPart.test(local) || local.startsWith('.') || local.endsWith('.') || local.includes('..'))
    return null;
  const domain = asciiForm(text.slice(at + 1));
  if (domain === null || local.length + domain.length > 253) return null;
  return `${local}@${domain}`;
}

function asciiForm(domain: string): string | null {
  const lower = domain.toLowerCase();
  if (asciiDomain.test(lower)) return lower;
  // Everything that a URL's host may not hold, or would drop silently, is refused before it is converted.
  if (!/^[\p{L}\p{M}\p{N}.-]+$/u.test(lower)) return null;
  const ascii = domainToASCII(lower);
  return asciiDomain.test(ascii) ? ascii : null;
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** Reads `Name <a@example.com>`, `"Name" <a@example.com>` or `a@example.com`. Null when it is none of these. */
export function parseMailbox(text: string): Mailbox | null {
  const trimmed = text.trim();
  if (controlCharacters.test(trimmed)) return null;
  const named = namedAddress.exec(trimmed)?.groups;
  const address = normalAddress((named?.['address'] ?? trimmed).trim());
  if (address === null) return null;
  return { name: unquote((named?.['name'] ?? '').trim()), address };
}

function unquote(name: string): string {
  if (name.length < 2 || !name.startsWith('"') || !name.endsWith('"')) return name;
  return name.slice(1, -1).replaceAll(/\\(.)/g, '$1').trim();
}
