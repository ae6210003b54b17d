import { z } from 'zod';
import { type HeldFiltersInput, heldSorts } from '#lib/backlog/schemas.ts';
import { isId } from '#lib/ids.ts';
import { shortText } from '#lib/messages/filter-parts.ts';
import { priorityLabels } from '#lib/messages/labels.ts';
import { holdReasons } from '#lib/policy/hold-reasons.ts';

const sortWords = heldSorts.flatMap((sort) => [sort, `-${sort}` as const]);

/** What an address filters held mail by, to the letter. */
export const heldFilterFields = {
  q: shortText.optional(),
  reason: z.enum(holdReasons, { error: 'There is no such reason.' }).optional(),
  held: z.enum(['hour', 'day', 'older'], { error: 'This is hour, day or older.' }).optional(),
  priority: z.enum(priorityLabels, { error: 'This is high, normal or low.' }).optional(),
  category: shortText.optional(),
  recipients: z.coerce.number('This is a number.').int().min(1).max(1_000_000).optional(),
  /** The short name of a project; on the organization's page only. */
  project: shortText.optional(),
};
const fields = heldFilterFields;
const word = shortText.optional().catch(undefined);

/** The address of a list of held mail. What cannot be used is left out, so that an old link still shows a list. */
export const heldSearch = z.object({
  q: word,
  reason: fields.reason.catch(undefined),
  held: fields.held.catch(undefined),
  priority: fields.priority.catch(undefined),
  category: word,
  recipients: fields.recipients.catch(undefined),
  project: word,
  sort: z.enum(sortWords).optional().catch(undefined),
  after: word,
  before: word,
  message: z.string().refine(isId).optional().catch(undefined),
});
export type HeldSearch = z.output<typeof heldSearch>;
type HeldFilterWords = Pick<HeldSearch, keyof typeof heldFilterFields>;

const hourMs = 3_600_000;
const spansMs = { hour: hourMs, day: 24 * hourMs, older: 24 * hourMs } as const;

/** What the address asks of the list verbs. `now` is the clock's. */
export function heldFiltersOf(search: HeldFilterWords, now: Date): HeldFiltersInput {
  const { q, reason, held, priority, category, recipients } = search;
  const border = held === undefined ? '' : new Date(now.getTime() - spansMs[held]).toISOString();
  return {
    ...(q === undefined || q === '' ? {} : { search: q }),
    ...(reason === undefined ? {} : { reason: [reason] }),
    ...(held === undefined ? {} : held === 'older' ? { heldUntil: border } : { heldSince: border }),
    ...(priority === undefined ? {} : { priority: [priority] }),
    ...(category === undefined || category === '' ? {} : { category }),
    ...(recipients === undefined ? {} : { minRecipients: recipients }),
  };
}

/** Whether some of what is held may be hidden. */
export function isHeldFiltered({ q, reason, held, priority, category, recipients }: HeldSearch): boolean {
  return [q, reason, held, priority, category, recipients].some(
    (value) => value !== undefined && value !== '',
  );
}
