import { z } from 'zod';

/** The kinds of values that the fields of the mail settings have. Pure, for the browser too. */

export const port = z
  .int('Port is a number from 1 to 65535.')
  .min(1, 'Port is a number from 1 to 65535.')
  .max(65535, 'Port is a number from 1 to 65535.');

// Local part of at most 64 characters, no spaces, quotes or controls; the domain may be international (RFC 6531).
export const emailAddress = z
  .string()
  .trim()
  .max(254, 'An address has at most 254 characters.')
  .regex(
    /^[^\s\p{C}"(),:;<>@[\\\]]{1,64}@(?:[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)*[\p{L}\p{N}](?:[\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?$/u,
    'This is not an e-mail address.',
  );

export const hostName = z
  .string()
  .trim()
  .min(1, 'Server name or IP is needed.')
  .max(253, 'A server name has at most 253 characters.')
  .regex(
    /^(?:[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.?|\[?[0-9a-fA-F:.]+\]?)$/u,
    'This is neither a server name nor an IP address.',
  );

// One line: nothing in it can end a header.
export function oneLine(max: number, name: string) {
  return z
    .string()
    .trim()
    .max(max, `${name} has at most ${max} characters.`)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, `${name} is one line, without control characters.`);
}

/** "someone@example.com", "example.com" or "*.example.com". */
export const addressPattern = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(
    /^(?:[^\s\p{C}"(),:;<>@[\\\]]{1,64}@)?(?:\*\.)?[\p{L}\p{N}](?:[\p{L}\p{N}.-]*[\p{L}\p{N}])?$/u,
    'Give an address, a domain, or *.domain.',
  );

export function between(kind: z.ZodNumber | z.ZodInt, min: number, max: number, name: string) {
  const message = `${name} is a number from ${min} to ${max}.`;
  return kind.min(min, message).max(max, message);
}

/** A number in this range, with one sentence for whatever else it is. */
export function within(
  kind: z.ZodNumber | z.ZodInt,
  [min, max]: readonly [number, number],
  message: string,
): z.ZodNumber | z.ZodInt {
  return kind.min(min, message).max(max, message);
}

// A form has no null: an optional field left blank means that there is none.
export function optional<Value extends z.ZodType<string, string>>(value: Value) {
  return z
    .string()
    .nullable()
    .transform((text) => (text === null || text.trim() === '' ? null : text))
    .pipe(value.nullable());
}

/** One or more PEM certificates; `name` begins the sentence that refuses another text. */
export function customCa(name: string) {
  return z
    .string()
    .trim()
    .max(65_536, `${name} has at most 65,536 characters.`)
    .regex(
      /^(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
      `${name} is one or more certificates in PEM form, from BEGIN CERTIFICATE to END CERTIFICATE.`,
    );
}

/** An https address without user name, password and fragment, as tokens and mail are sent to. */
export function httpsUrl(name: string) {
  return z
    .string()
    .trim()
    .max(2000, `${name} has at most 2,000 characters.`)
    .refine(isHttpsUrl, { message: `${name} is an address that begins with https://.` });
}

function isHttpsUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return protocol === 'https:' && username === '' && password === '' && hash === '';
}
