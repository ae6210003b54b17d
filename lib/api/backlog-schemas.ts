import { z } from 'zod';
import { heldSorts, heldStates, runKinds } from '../backlog/schemas.ts';
import { priorityLabels } from '../messages/labels.ts';
import { holdReasonFacts, holdReasons } from '../policy/hold-reasons.ts';

const instant = z.iso.datetime();
const id = z.string().meta({ description: 'UUID' });

const reason = z.enum(holdReasons).meta({
  description: holdReasons.map((name) => `\`${name}\`: ${holdReasonFacts[name].meaning}`).join(' '),
});

const heldItemSchema = z.object({
  id,
  state: z.enum(heldStates),
  reason,
  heldAt: instant.meta({ description: 'When it was held; of a suspended mail, when it was suspended' }),
  acceptedAt: instant,
  sendAt: instant.nullable(),
  expiresAt: instant.nullable(),
  subject: z.string(),
  from: z.string().nullable(),
  firstRecipient: z.string(),
  recipientCount: z.int(),
  acceptedCount: z.int(),
  category: z.string(),
  priority: z.enum(priorityLabels),
  sizeBytes: z.int(),
  attemptCount: z.int(),
  isCounted: z.boolean().meta({ description: 'It was tried before, and counts in no limit again' }),
});

export const heldPageSchema = z.object({
  items: z.array(heldItemSchema),
  next: z.string().nullable().meta({ description: 'Give it as `after` for the next page; null at the end' }),
  previous: z
    .string()
    .nullable()
    .meta({ description: 'Give it as `before` for the page before; null at the start' }),
});

export const bulkRunSchema = z
  .object({
    id,
    kind: z.enum(runKinds),
    state: z
      .enum(['running', 'done', 'stopped'])
      .meta({ description: '`running`: it goes on in the background; look again at its address' }),
    expected: z.int(),
    done: z.int(),
    skipped: z
      .int()
      .meta({ description: 'Those that had changed meanwhile, or that a spent quota of the provider holds' }),
    overrides: z.object({ dayLimit: z.boolean(), recipientsLimit: z.boolean() }),
    pacePerMinute: z.int().nullable(),
    startedAt: instant,
    finishedAt: instant.nullable(),
    startedBy: z.string(),
    stoppedBy: z.string().nullable(),
    secondsLeft: z.int().nullable(),
  })
  .meta({ description: 'How far it has come.' });

/** The query of the list, as OpenAPI describes it. */
export const heldParameters = {
  state: z.enum(heldStates).default('backlog'),
  reason: z.array(z.enum(holdReasons)).meta({ description: 'Only these; several times or with commas' }),
  priority: z.array(z.enum(priorityLabels)).meta({ description: 'Only these; several times or with commas' }),
  category: z.string(),
  search: z
    .string()
    .meta({ description: 'Words of the subject, the beginning of a recipient, a Message-ID or an id' }),
  heldSince: z.iso.datetime({ offset: true }).meta({ description: 'Held at or after' }),
  heldUntil: z.iso.datetime({ offset: true }).meta({ description: 'Held before' }),
  minRecipients: z.int().min(1),
  sort: z.enum(heldSorts).default('held'),
  order: z.enum(['up', 'down']).default('up'),
  after: z.string().meta({ description: 'The page behind this place' }),
  before: z.string().meta({ description: 'The page ahead of this place' }),
  limit: z.int().min(1).max(200).default(50),
} as const;
