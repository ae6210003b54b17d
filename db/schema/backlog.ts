import { integer, jsonb, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { instant, mailroom } from './columns.ts';

export const heldMessages = mailroom.table('held_messages', {
  messageId: uuid('message_id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  state: text('state', { enum: ['backlog', 'suspended'] }).notNull(),
  reason: text('reason', {
    enum: ['day_limit', 'quota', 'recipients_limit', 'flood', 'by_hand'],
  }).notNull(),
  heldAt: instant('held_at').notNull(),
  priority: smallint('priority').notNull(),
  category: text('category').notNull(),
  recipientCount: integer('recipient_count').notNull(),
  sizeBytes: integer('size_bytes').notNull(),
  dueAt: instant('due_at').notNull(),
  expiresAt: instant('expires_at'),
  countedAt: instant('counted_at'),
  overrides: smallint('overrides').notNull().default(0),
  crashCount: smallint('crash_count').notNull().default(0),
  runId: uuid('run_id'),
  waitedSince: instant('waited_since'),
});

export const bulkRuns = mailroom.table('bulk_runs', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id'),
  kind: text('kind', {
    enum: [
      'resume',
      'suspend',
      'return',
      'try_now',
      'cancel',
      'hold',
      'release',
      'resend',
      'mark_sent',
      'mark_failed',
      'send_again',
    ],
  }).notNull(),
  selection: jsonb('selection').notNull(),
  overrides: smallint('overrides').notNull().default(0),
  pacePerMinute: integer('pace_per_minute'),
  state: text('state', { enum: ['running', 'done', 'stopped'] })
    .notNull()
    .default('running'),
  expected: integer('expected').notNull(),
  done: integer('done').notNull().default(0),
  skipped: integer('skipped').notNull().default(0),
  position: jsonb('position'),
  nextChunkAt: instant('next_chunk_at').notNull().defaultNow(),
  createdAt: instant('created_at').notNull().defaultNow(),
  actorKind: text('actor_kind').notNull(),
  actorId: uuid('actor_id'),
  actorLabel: text('actor_label').notNull(),
  finishedAt: instant('finished_at'),
  stoppedBy: text('stopped_by'),
  undoOf: uuid('undo_of'),
});
