import { z } from 'zod';
import { controlCharacters } from './header-encoding.ts';
import { isKeptTime } from './kept-time.ts';

/** Pieces that the filters of every list of messages are made of; the browser has them too. */
export const messageId = z
  .string()
  .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'This is not the id of a message.');

export const shortText = z
  .string()
  .trim()
  .max(254, 'A filter has at most 254 characters.')
  .refine((value) => !controlCharacters.test(value), 'A filter has no control characters.');

export const filterInstant = z.iso
  .datetime({ offset: true, error: 'This must be a time such as 2027-01-31T09:00:00Z.' })
  .transform((value) => new Date(value))
  .refine(isKeptTime, 'This must be a time between 1970 and 9999.');
