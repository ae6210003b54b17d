import { z } from 'zod';
import { isId } from '../ids.ts';

/** The messages of one action on several. */
export const messageIds = z
  .array(z.string().refine(isId, 'This is not the id of a message.'))
  .min(1, 'Choose at least one message.')
  .max(1_000, 'At most 1,000 messages at a time.')
  .transform((ids) => [...new Set(ids)]);
