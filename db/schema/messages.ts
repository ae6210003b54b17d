import { bigint, boolean, integer, jsonb, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant, mailroom, tsvector } from './columns.ts';

export const messages = mailroom.table('messages', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  apiKeyId: uuid('api_key_id'),
  source: text('source', { enum: ['api', 'portal', 'test', 'notice', 'submission'] }).notNull(),
  category: text('category').notNull(),
  priority: smallint('priority').notNull(),
  state: text('state', {
    enum: [
      'queued',
      'sending',
      'retrying',
      'sent',
      'failed',
      'expired',
      'cancelled',
      'captured',
      'uncertain',
      'backlog',
      'suspended',
    ],
  }).notNull(),
  stateReason: text('state_reason'),
  stateAt: instant('state_at').notNull(),
  acceptedAt: instant('accepted_at').notNull(),
  sendAt: instant('send_at'),
  expiresAt: instant('expires_at'),
  nextAttemptAt: instant('next_attempt_at'),
  sentAt: instant('sent_at'),
  subject: text('subject').notNull(),
  fromAddress: text('from_address'),
  envelopeFrom: text('envelope_from'),
  internetMessageId: text('internet_message_id').notNull(),
  firstRecipient: text('first_recipient').notNull(),
  recipientCount: integer('recipient_count').notNull(),
  acceptedCount: integer('accepted_count').notNull().default(0),
  sizeBytes: integer('size_bytes').notNull(),
  attemptCount: integer('attempt_count').notNull().default(0),
  waitedMs: bigint('waited_ms', { mode: 'number' }).notNull().default(0),
  waitedFrom: instant('waited_from'),
  haltedFromMs: bigint('halted_from_ms', { mode: 'number' }),
  uncertainCount: smallint('uncertain_count').notNull().default(0),
  repeatCount: smallint('repeat_count').notNull().default(0),
  settingsVersion: integer('settings_version'),
  draft: text('draft'),
  lastReply: text('last_reply'),
  lastCode: text('last_code'),
  releasedAt: instant('released_at'),
  resendOf: uuid('resend_of'),
  suspendedAt: instant('suspended_at'),
  splitOf: uuid('split_of'),
  tags: text('tags').array().notNull().default([]),
  metadata: jsonb('metadata').notNull().default({}),
  sharedEventIds: uuid('shared_event_ids').array(),
});

export const messageSearch = mailroom.table('message_search', {
  messageId: uuid('message_id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  internetMessageId: text('internet_message_id').notNull(),
  subject: tsvector('subject').notNull(),
  tags: text('tags').array().notNull(),
  metadata: jsonb('metadata').notNull(),
});

export const recipients = mailroom.table(
  'recipients',
  {
    messageId: uuid('message_id').notNull(),
    position: integer('position').notNull(),
    organizationId: uuid('organization_id').notNull(),
    projectId: uuid('project_id').notNull(),
    address: text('address').notNull(),
    kind: text('kind', { enum: ['to', 'cc', 'bcc', 'envelope'] }).notNull(),
    state: text('state', { enum: ['pending', 'accepted', 'refused', 'captured', 'suppressed'] }).notNull(),
    code: text('code'),
    reply: text('reply'),
    changedAt: instant('changed_at'),
  },
  (table) => [primaryKey({ columns: [table.messageId, table.position] })],
);

export const messageEvents = mailroom.table('message_events', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  messageId: uuid('message_id').notNull(),
  at: instant('at').notNull().defaultNow(),
  kind: text('kind').notNull(),
  actorLabel: text('actor_label').notNull(),
  detail: jsonb('detail').notNull().default({}),
});

export const sharedEvents = mailroom.table('shared_events', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  at: instant('at').notNull().defaultNow(),
  kind: text('kind').notNull(),
  actorLabel: text('actor_label').notNull(),
  detail: jsonb('detail').notNull().default({}),
});

export const contents = mailroom.table(
  'contents',
  {
    messageId: uuid('message_id').notNull(),
    part: integer('part').notNull(),
    organizationId: uuid('organization_id').notNull(),
    headers: text('headers'),
    filledHeaders: text('filled_headers').array(),
    bytes: bytea('bytes').notNull(),
  },
  (table) => [primaryKey({ columns: [table.messageId, table.part] })],
);

export const attempts = mailroom.table(
  'attempts',
  {
    id: uuid('id').notNull(),
    messageId: uuid('message_id').notNull(),
    organizationId: uuid('organization_id').notNull(),
    projectId: uuid('project_id').notNull(),
    number: integer('number').notNull(),
    workerId: uuid('worker_id'),
    settingsVersion: integer('settings_version'),
    endpoint: text('endpoint'),
    startedAt: instant('started_at').notNull(),
    endedAt: instant('ended_at'),
    outcome: text('outcome', {
      enum: [
        'accepted',
        'temporary',
        'permanent',
        'unreachable',
        'throttled',
        'credentials',
        'uncertain',
        'withheld',
      ],
    }).notNull(),
    stage: text('stage'),
    code: text('code'),
    replyCode: integer('reply_code'),
    enhancedCode: text('enhanced_code'),
    reply: text('reply'),
    serverId: text('server_id'),
    recipientsAccepted: integer('recipients_accepted').notNull().default(0),
    recipientsRefused: integer('recipients_refused').notNull().default(0),
    repeat: boolean('repeat').notNull().default(false),
    transcript: jsonb('transcript'),
    changes: jsonb('changes'),
  },
  (table) => [primaryKey({ columns: [table.messageId, table.id] })],
);

export const idempotencyKeys = mailroom.table(
  'idempotency_keys',
  {
    projectId: uuid('project_id').notNull(),
    key: text('key').notNull(),
    organizationId: uuid('organization_id').notNull(),
    fingerprint: bytea('fingerprint').notNull(),
    messageId: uuid('message_id').notNull(),
    response: jsonb('response').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.key] })],
);
