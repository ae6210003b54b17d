import { z } from 'zod';
import { heldAgain } from '../backlog/refuse-held-again.ts';
import { changeMeanings } from '../messages/change-words.ts';
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
import { protocols } from '../limits/limit-scope.ts';
import { recipientsPolicies, windowKinds } from '../limits/limits-view.ts';
import { holdReasonFacts, holdReasons } from '../policy/hold-reasons.ts';

/** What the API answers. The same schemas shape the answers and describe them. */

function meanings(labels: Readonly<Record<string, string | { readonly meaning: string }>>): string {
  return Object.entries(labels)
    .map(([name, label]) => `\`${name}\`: ${typeof label === 'string' ? label : label.meaning}`)
    .join(' ');
}

const id = z.string().meta({ description: 'UUID', examples: ['019f0c8a-1172-7c52-8d1e-6c1a2f3b4c5d'] });
const instant = z.iso.datetime();
const state = z.enum(messageStates).meta({ description: meanings(stateLabels) });
const holdReason = z.enum(holdReasons).meta({ description: meanings(holdReasonFacts) });
const waitingReason = z.enum(waitingReasons).meta({ description: meanings(waitingLabels) });

export const acceptedSchema = z
  .object({
    id,
    messageId: z.string().meta({ description: 'The Message-ID header, the same on every attempt' }),
    state: z
      .enum(['queued', 'backlog'])
      .meta({ description: '`backlog`: a limit holds it; it is stored and goes out later' }),
    acceptedAt: instant,
    recipients: z.int().meta({ description: 'Distinct recipients of the envelope' }),
    envelopes: z
      .int()
      .meta({ description: 'In how many mails it goes out; more than 1 where a recipients limit splits it' }),
    held: holdReason.nullable().meta({ description: 'Why it is in the backlog; null when it is queued' }),
    waiting: waitingReason
      .nullable()
      .meta({ description: 'Why it does not start at once; null when it does' }),
  })
  .meta({ description: 'The message is stored.' });

const limitSchema = z.object({
  over: z
    .enum(['protocol', 'project'])
    .meta({ description: 'All mail of the organization by one protocol, or that of the project' }),
  protocol: z.enum(protocols).nullable(),
  mailsPerDay: z.int().nullable().meta({ description: 'Null: no limit' }),
  recipientsPerMail: z.int().nullable().meta({ description: 'Null: no limit' }),
  used: z.int().meta({ description: 'Mails of the running window' }),
});

export const projectLimitsSchema = z.object({
  limit: z
    .int()
    .nullable()
    .meta({ description: 'Mails of a day, by the limit that has the least left; null: no limit' }),
  used: z.int().meta({ description: 'Mails that count in it, or the project sent where there is no limit' }),
  left: z.int().nullable().meta({ description: 'Null: no limit' }),
  resetsAt: instant
    .nullable()
    .meta({ description: 'When the day ends; null where it is the last 24 hours, at any time' }),
  reservedForHigh: z.int().meta({ description: 'Of `left`, what only mail of high priority may use' }),
  recipientsPerMail: z.int().nullable().meta({ description: 'Null: no limit' }),
  recipientsPolicy: z.enum(recipientsPolicies).meta({
    description:
      'What becomes of a message with more: held in the backlog, split into several mails, or refused (422)',
  }),
  heldNow: z.int().meta({ description: "This project's mails that the day's limit holds" }),
  window: z.object({
    kind: z.enum(windowKinds).meta({ description: 'A day of the calendar, or the last 24 hours' }),
    timeZone: z.string(),
    startsAt: instant,
    endsAt: instant.nullable(),
  }),
  limits: z.array(limitSchema),
});

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
    limits: z
      .array(limitSchema)
      .meta({ description: 'The limits that it meets; empty where nothing of it would leave' }),
    held: z
      .object({ reason: holdReason, explanation: z.string() })
      .nullable()
      .meta({ description: 'Why it would go to the backlog; null when it would be queued' }),
    envelopes: z.array(z.array(z.string())).meta({
      description: 'Recipients of each mail; more than one mail where a recipients limit splits it',
    }),
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
  held: z
    .object({
      reason: holdReason,
      label: z.string(),
      explanation: z.string(),
      releasedBy: z.enum(['auto', 'raise', 'person']),
    })
    .nullable()
    .meta({ description: 'Why it is in the backlog, and who lets it go' }),
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
      code: z.string().nullable().meta({
        description:
          'Stable, one for each kind of fault. Two are no fault of a server: `FOUND_SENT`, nothing left now because a copy of an earlier try was found; `SENDER_NOT_ALLOWED`, the settings no longer let this From leave.',
      }),
      replyCode: z.int().nullable(),
      enhancedCode: z.string().nullable(),
      reply: z.string().nullable(),
      serverId: z.string().nullable(),
      isRepeat: z
        .boolean()
        .meta({ description: 'It followed a try of which nobody knows whether it arrived' }),
      changes: z
        .array(z.object({ code: z.string().meta({ description: meanings(changeMeanings) }) }))
        .meta({ description: 'What the protocol could not carry as it was, once for each header or part' }),
    }),
  ),
  giveUpAt: instant
    .nullable()
    .meta({ description: 'When it is given up if every try from now on fails for a while' }),
  resendOf: id.nullable(),
  splitOf: id.nullable().meta({ description: 'The message that a recipients limit split it off from' }),
  splits: z
    .array(z.object({ id, to: z.string(), recipientCount: z.int() }))
    .meta({ description: 'What a recipients limit split off from it' }),
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
    heldAgain: heldAgain
      .optional()
      .meta({ description: 'With `held_again`: the limits, and how many mails each would hold' }),
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
