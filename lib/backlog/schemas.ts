import { z } from 'zod';
import { messageRunKinds, priorityLabels } from '../messages/labels.ts';
import { filterInstant, messageId, shortText } from '../messages/filter-parts.ts';
import { holdReasons } from '../policy/hold-reasons.ts';

/** Where a held mail is: in the backlog, or taken out of it for good. */
export const heldStates = ['backlog', 'suspended'] as const;
export type HeldState = (typeof heldStates)[number];

/** What a page of held mails may be sorted by; `held` is when it was held, or suspended. */
export const heldSorts = ['held', 'size', 'recipients', 'expires'] as const;
export type HeldSort = (typeof heldSorts)[number];

export const bulkKinds = ['resume', 'suspend', 'return'] as const;
export type BulkKind = (typeof bulkKinds)[number];

/** Everything that can be done to many mails in the background: to held ones, and to messages. */
export const runKinds = [...bulkKinds, ...messageRunKinds] as const;
export type RunKind = (typeof runKinds)[number];

export const exportFormats = ['csv', 'mbox', 'eml'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Up to so many mails change in one transaction, before the answer; more of them in the background. */
export const atOnce = 200;

/** A suspend can be undone for so long after it has ended. */
export const undoMs = 10_000;

/** Counts of a page stop here: beyond, it says "10,000+". */
export const heldCountCap = 10_000;

export const heldFilters = z.strictObject({
  reason: z.array(z.enum(holdReasons)).max(holdReasons.length).optional(),
  category: shortText.optional(),
  priority: z.array(z.enum(priorityLabels)).max(priorityLabels.length).optional(),
  heldSince: filterInstant.optional(),
  heldUntil: filterInstant.optional(),
  minRecipients: z.int().min(1).max(1_000_000).optional(),
  /** Words of the subject, the beginning of a recipient, a whole Message-ID or an id: whichever it looks like. */
  search: shortText.optional(),
});
export type HeldFilters = z.output<typeof heldFilters>;
export type HeldFiltersInput = z.input<typeof heldFilters>;

const manyIds = z
  .array(messageId)
  .max(5_000, 'At most 5,000 messages at a time.')
  .transform((ids) => [...new Set(ids)]);

/** Chosen mails, or all that match a filter but some. */
export const heldSelection = z.union([
  z.strictObject({ ids: manyIds.refine((ids) => ids.length > 0, 'Choose at least one message.') }),
  z.strictObject({ filter: heldFilters, except: manyIds.optional() }),
]);
export type HeldSelection = z.output<typeof heldSelection>;
export type HeldSelectionInput = z.input<typeof heldSelection>;

/** A project by id or short name; null: every project of the organization that the actor may see. */
export const projectOrAll = z.string().max(64).nullable();

/** What a resume may pass; a provider's quota, a pause and a stopped server are never passed. */
export const resumeOverrides = z.strictObject({
  dayLimit: z.boolean().default(false),
  recipientsLimit: z.boolean().default(false),
});

export const pacePerMinute = z
  .int('Give a whole number of mails a minute.')
  .min(1, 'At least one mail a minute.')
  .max(100_000, 'At most 100,000 mails a minute.');
