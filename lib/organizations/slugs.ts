import { z } from 'zod';
import { invalidField } from '../errors.ts';

// Pages that stand beside the organizations' own: a short name like theirs would be hidden by one of these.
const reserved: ReadonlySet<string> = new Set([
  'api',
  'inbox',
  'oauth',
  'reference',
  'setup',
  'sign-in',
  'sign-out',
  'account',
  'consent',
  'gallery',
  'health',
]);

/** How a name stands in addresses: small letters, digits and hyphens. */
export const slug = z
  .string()
  .trim()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/,
    'The short name has small letters, digits and hyphens, at most 64, and begins and ends with a letter or digit.',
  )
  .refine((text) => !reserved.has(text), 'Mailroom keeps this short name for a page of its own.');

export function name(what: string) {
  return z
    .string()
    .trim()
    .min(1, `Give the ${what} a name.`)
    .max(120, 'A name has at most 120 characters.')
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'A name is one line, without control characters.');
}

/** An IANA time zone that this runtime knows. */
export const timeZone = z.string().refine(isTimeZone, 'Give a time zone such as Europe/Lisbon.');

function isTimeZone(zone: string): boolean {
  // A bare offset is read the other way round by the database.
  if (!/^[a-z]/i.test(zone)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** "Field service" → "field-service". Throws `invalid_input` where nothing of the name can stand in an address. */
export function slugOf(text: string, field: string): string {
  const made = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 64)
    .replace(/^-+|-+$/g, '');
  if (made === '' || reserved.has(made))
    throw invalidField(field, 'Give a short name of small letters, digits and hyphens.');
  return made;
}
