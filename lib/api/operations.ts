import { z } from 'zod';
import type { KeyScope } from '../access/roles.ts';
import { composedMessage, finishedMessage, idempotencyKey, maxBatch } from '../messages/schemas.ts';
import { resumeChosen, resumeMatching, suspendChosen, suspendMatching } from '../backlog/request-bulk-run.ts';
import { bulkRunSchema, heldPageSchema, heldParameters } from './backlog-schemas.ts';
import { allowedFloodSchema, allowFloodBody, floodSchema, projectPaceSchema } from './pool-schemas.ts';
import { listParameters } from './list-query.ts';
import type { ProblemCode } from './problem.ts';
import {
  acceptedSchema,
  batchSchema,
  dryRunSchema,
  messageDetailSchema,
  pageSchema,
  problemSchema,
  projectLimitsSchema,
} from './responses.ts';

/** What goes in and comes out, under the names of the description's components. */
export const inputSchemas = {
  ComposedMessage: composedMessage,
  FinishedMessage: finishedMessage,
  Batch: z.strictObject({
    messages: z
      .array(
        z.union([
          composedMessage.safeExtend({ idempotencyKey: idempotencyKey.optional() }),
          finishedMessage.safeExtend({ idempotencyKey: idempotencyKey.optional() }),
        ]),
      )
      .min(1)
      .max(maxBatch)
      .meta({
        description: `1 to ${maxBatch} messages like those above, each with an \`idempotencyKey\` of its own if wanted`,
      }),
  }),
  ResumeChosen: resumeChosen,
  ResumeMatching: resumeMatching,
  SuspendChosen: suspendChosen,
  SuspendMatching: suspendMatching,
  AllowFlood: allowFloodBody,
} as const;

export const outputSchemas = {
  Accepted: acceptedSchema,
  DryRun: dryRunSchema,
  Message: messageDetailSchema,
  Page: pageSchema,
  ProjectLimits: projectLimitsSchema,
  BatchResult: batchSchema,
  HeldPage: heldPageSchema,
  BulkRun: bulkRunSchema,
  ProjectPace: projectPaceSchema,
  Flood: floodSchema,
  AllowedFlood: allowedFloodSchema,
  Problem: problemSchema,
} as const;

export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly summary: string;
  /** The scope that the key needs. */
  readonly scope: KeyScope;
  /** A second scope that it needs as well. */
  readonly andScope?: KeyScope;
  /** Another scope that does as well. */
  readonly orScope?: KeyScope;
  readonly takesIdempotencyKey?: boolean;
  readonly query?: Readonly<Record<string, z.ZodType>>;
  readonly bodies: readonly (keyof typeof inputSchemas)[];
  readonly answers: readonly {
    readonly status: number;
    readonly description: string;
    readonly schema: keyof typeof outputSchemas;
  }[];
  readonly problems: readonly ProblemCode[];
}

/** "the scope read", "the scopes send and read", "the scope read or resume". */
export function scopeWords({ scope, andScope, orScope }: Operation): string {
  if (andScope !== undefined) return `the scopes ${scope} and ${andScope}`;
  return `the scope ${scope}${orScope === undefined ? '' : ` or ${orScope}`}`;
}

const always: readonly ProblemCode[] = [
  'unauthenticated',
  'forbidden',
  'not_found',
  'unexpected',
  'unavailable',
];
const withBody: readonly ProblemCode[] = [
  ...always,
  'invalid_json',
  'archived',
  'too_large',
  'unsupported_media_type',
  'invalid_input',
  'too_many_requests',
];

const bulkAnswers: Operation['answers'] = [
  { status: 200, description: 'Done: so few are done before the answer', schema: 'BulkRun' },
  { status: 202, description: 'Begun: it goes on in the background', schema: 'BulkRun' },
];

/** All operations of the API: what the description, the readable page and the tests go by. */
export const operations: readonly Operation[] = [
  {
    id: 'acceptMessage',
    method: 'post',
    path: '/projects/{project}/messages',
    summary: 'Send a message',
    scope: 'send',
    takesIdempotencyKey: true,
    bodies: ['ComposedMessage', 'FinishedMessage'],
    answers: [
      {
        status: 202,
        description: 'Accepted: stored, and sent as soon as it may or held in the backlog',
        schema: 'Accepted',
      },
      { status: 200, description: 'The answer to a dry run', schema: 'DryRun' },
    ],
    problems: [...withBody, 'idempotency_conflict', 'sender_not_allowed', 'too_many_recipients'],
  },
  {
    id: 'acceptBatch',
    method: 'post',
    path: '/projects/{project}/messages/batch',
    summary: `Send up to ${maxBatch} messages, each with its own result`,
    scope: 'send',
    bodies: ['Batch'],
    answers: [
      { status: 200, description: 'One result for each message, in the order given', schema: 'BatchResult' },
    ],
    problems: [...withBody, 'too_many'],
  },
  {
    id: 'listMessages',
    method: 'get',
    path: '/projects/{project}/messages',
    summary: 'List messages, newest first',
    scope: 'read',
    query: listParameters,
    bodies: [],
    answers: [{ status: 200, description: 'A page of messages', schema: 'Page' }],
    problems: [...always, 'invalid_input'],
  },
  {
    id: 'getMessage',
    method: 'get',
    path: '/projects/{project}/messages/{id}',
    summary: 'Read one message with its recipients and attempts',
    scope: 'read',
    bodies: [],
    answers: [{ status: 200, description: 'The message', schema: 'Message' }],
    problems: always,
  },
  {
    id: 'cancelMessage',
    method: 'post',
    path: '/projects/{project}/messages/{id}/cancel',
    summary: 'Cancel a message that has not started',
    scope: 'cancel',
    bodies: [],
    answers: [{ status: 200, description: 'The message, cancelled', schema: 'Message' }],
    problems: [...always, 'wrong_state'],
  },
  {
    id: 'tryMessageNow',
    method: 'post',
    path: '/projects/{project}/messages/{id}/try-now',
    summary: 'Try a message now that waits for its next try or its time',
    scope: 'send',
    // It answers with the message, and who only sends does not read what others sent.
    andScope: 'read',
    bodies: [],
    answers: [
      {
        status: 200,
        description: 'The message; `waiting` says what it still waits for, as a pause',
        schema: 'Message',
      },
    ],
    problems: [...always, 'wrong_state', 'archived'],
  },
  {
    id: 'readLimits',
    method: 'get',
    path: '/projects/{project}/limits',
    summary: 'Read the limits, what is used and left of them, and when the day ends',
    scope: 'read',
    bodies: [],
    answers: [
      { status: 200, description: 'The limits that mail of the project meets', schema: 'ProjectLimits' },
    ],
    problems: always,
  },
  {
    id: 'readPace',
    method: 'get',
    path: '/projects/{project}/pace',
    summary: 'Read which pool paces the project, by what, and until when',
    scope: 'read',
    bodies: [],
    answers: [{ status: 200, description: 'What paces it now', schema: 'ProjectPace' }],
    problems: always,
  },
  {
    id: 'readFlood',
    method: 'get',
    path: '/projects/{project}/flood',
    summary: 'Read from when on mail is held as a flood, and what people let through',
    scope: 'read',
    bodies: [],
    answers: [{ status: 200, description: 'The flood breaker of the project', schema: 'Flood' }],
    problems: always,
  },
  {
    id: 'listBacklog',
    method: 'get',
    path: '/projects/{project}/backlog',
    summary: 'List held mails, the longest waiting first',
    scope: 'read',
    query: heldParameters,
    bodies: [],
    answers: [{ status: 200, description: 'A page of held mails', schema: 'HeldPage' }],
    problems: [...always, 'invalid_input'],
  },
  {
    id: 'resumeBacklog',
    method: 'post',
    path: '/projects/{project}/backlog/resume',
    summary: 'Let held mails go',
    scope: 'resume',
    bodies: ['ResumeChosen', 'ResumeMatching'],
    answers: bulkAnswers,
    problems: [...withBody, 'held_again'],
  },
  {
    id: 'suspendBacklog',
    method: 'post',
    path: '/projects/{project}/backlog/suspend',
    summary: 'Take held mails out of the backlog',
    scope: 'resume',
    bodies: ['SuspendChosen', 'SuspendMatching'],
    answers: bulkAnswers,
    problems: [...withBody],
  },
  {
    id: 'allowFlood',
    method: 'post',
    path: '/projects/{project}/backlog/allow',
    summary: 'Is fine, let through: mails held as a flood go, and what they were held for passes',
    scope: 'resume',
    bodies: ['AllowFlood'],
    answers: [
      { status: 200, description: 'They go out as far as the limits let them', schema: 'AllowedFlood' },
    ],
    problems: [...withBody, 'wrong_state'],
  },
  {
    id: 'getBulkRun',
    method: 'get',
    path: '/projects/{project}/backlog/runs/{run}',
    summary: 'See how far a resume or suspend has come',
    scope: 'read',
    orScope: 'resume',
    bodies: [],
    answers: [{ status: 200, description: 'How far it has come', schema: 'BulkRun' }],
    problems: always,
  },
];
