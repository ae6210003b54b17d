import { z } from 'zod';
import {
  messageStates,
  priorityLabels,
  recipientLabels,
  recipientStates,
  stateLabels,
  waitingLabels,
  waitingReasons,
} from '../messages/labels.ts';
import { apiErrorCodes, problemKinds } from './problem.ts';
import { domainErrorCodes } from '../errors.ts';

/** What the API answers. The same schemas shape the answers and describe them. */

function meanings(labels: Readonly<Record<string, string | { readonly meaning: string }>>): string {
  return Object.entries(labels)
    .map(([name, label]) => `\`${name}\`: ${typeof label === 'string' ? label : label.meaning}`)
    .join(' ');
}

const id = z.string().meta({ description: 'UUID', examples: ['019f0c8a-1172-7c52-8d1e-6c1a2f3b4c5d'] });
const instant = z.iso.datetime();
const state = z.enum(messageStates).meta({ description: meanings(stateLabels) });
const waitingReason = z.enum(waitingReasons).meta({ description: meanings(waitingLabels) });

export const acceptedSchema = z
  .object({
    id,
    messageId: z.string().meta({ description: 'The Message-ID header, the same on every attempt' }),
    state: z.literal('queued'),
    acceptedAt: instant,
    recipients: z.int().meta({ description: 'Distinct recipients of the envelope' }),
    waiting: waitingReason
      .nullable()
      .meta({ description: 'Why it does not start at once; null when it does' }),
  })
  .meta({ description: 'The message is stored and will be sent.' });

export const dryRunSchema = z
  .object({
    envelope: z.object({ from: z.string().nullable(), to: z.array(z.string()) }),
    mime: z.string().meta({ description: 'The finished message as it would go on the wire' }),
    sizeBytes: z.int(),
    route: z
      .object({
        transport: z.enum(['smtp', 'smtps', 'ews', 'graph']),
        host: z.string(),
        port: z.int(),
        settingsVersion: z.int(),
      })
      .nullable()
      .meta({ description: 'Null while the project has no mail settings' }),
    mode: z
      .enum(['live', 'capture', 'redirect', 'allow_list'])
      .nullable()
      .meta({ description: 'The sending mode of project and key together' }),
    waiting: z.object({ reason: waitingReason, explanation: z.string() }).nullable(),
  })
  .meta({ description: 'What would happen; nothing is stored.' });

export const messageSchema = z.object({
  id,
  state,
  stateReason: z.string().nullable(),
  stateAt: instant,
  acceptedAt: instant,
  sendAt: instant.nullable(),
  expiresAt: instant.nullable(),
  sentAt: instant.nullable(),
  nextAttemptAt: instant.nullable(),
  waiting: z.object({ reason: waitingReason, explanation: z.string(), until: instant.nullable() }).nullable(),
  subject: z.string(),
  from: z.string().nullable().meta({ description: "Null: the project's sender" }),
  firstRecipient: z.string(),
  recipientCount: z.int(),
  acceptedCount: z.int(),
  messageId: z.string(),
  category: z.string(),
  priority: z.enum(priorityLabels),
  sizeBytes: z.int(),
  attemptCount: z.int(),
  isRepeated: z.boolean().meta({ description: 'It may have arrived twice' }),
  lastCode: z.string().nullable(),
  lastReply: z.string().nullable(),
  tags: z.array(z.string()),
  metadata: z.record(z.string(), z.string()),
});

export const messageDetailSchema = messageSchema.extend({
  recipients: z.array(
    z.object({
      address: z.string(),
      kind: z.enum(['to', 'cc', 'bcc', 'envelope']),
      state: z.enum(recipientStates).meta({ description: meanings(recipientLabels) }),
      code: z.string().nullable(),
      reply: z.string().nullable(),
      changedAt: instant.nullable(),
    }),
  ),
  attempts: z.array(
    z.object({
      number: z.int(),
      startedAt: instant,
      endedAt: instant.nullable(),
      outcome: z.string(),
      stage: z.string().nullable(),
      code: z.string().nullable(),
      replyCode: z.int().nullable(),
      enhancedCode: z.string().nullable(),
      reply: z.string().nullable(),
      serverId: z.string().nullable(),
      isRepeat: z.boolean(),
    }),
  ),
  giveUpAt: instant
    .nullable()
    .meta({ description: 'When it is given up if every try from now on fails for a while' }),
  resendOf: id.nullable(),
});

export const pageSchema = z.object({
  messages: z.array(messageSchema),
  older: id.nullable().meta({ description: 'Give it as `before` for the next page; null at the end' }),
  newer: id.nullable().meta({ description: 'Give it as `after` for the page before; null at the start' }),
});

const codes = [...domainErrorCodes, ...apiErrorCodes] as const;

export const problemSchema = z
  .object({
    type: z.string().meta({ description: 'Address of its explanation' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What is wrong, as a sentence' }),
    code: z.enum(codes).meta({
      description: codes
        .map((code) => `\`${code}\` (${problemKinds[code].status}): ${problemKinds[code].title}.`)
        .join(' '),
    }),
    errors: z
      .array(z.object({ field: z.string(), message: z.string() }))
      .meta({ description: 'Each fault with the dotted path of its field' }),
    limitBytes: z.int().optional(),
    reference: z.string().optional().meta({ description: "Found again in the operator's log" }),
  })
  .meta({ description: 'Problem details (RFC 9457)' });

export const batchSchema = z.object({
  results: z
    .array(
      z.union([
        z.object({ status: z.literal(202), isReplay: z.boolean(), message: acceptedSchema }),
        z.object({ status: z.int(), problem: problemSchema }),
      ]),
    )
    .meta({ description: 'One for each message, in the order given' }),
});
