import { bigint, boolean, integer, primaryKey, real, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { instant, mailroom } from './columns.ts';

export const queueEntries = mailroom.table('queue_entries', {
  messageId: uuid('message_id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  priority: smallint('priority').notNull(),
  dueAt: instant('due_at').notNull(),
  expiresAt: instant('expires_at'),
  attemptId: uuid('attempt_id'),
  attemptStartedAt: instant('attempt_started_at'),
  workerId: uuid('worker_id'),
  generation: bigint('generation', { mode: 'number' }),
  settingsVersion: integer('settings_version'),
  crashCount: smallint('crash_count').notNull().default(0),
  countedAt: instant('counted_at'),
  overrides: smallint('overrides').notNull().default(0),
});

export const sendingHalts = mailroom.table('sending_halts', {
  projectId: uuid('project_id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  haltedMs: bigint('halted_ms', { mode: 'number' }).notNull().default(0),
  haltedSince: instant('halted_since'),
});

export const workers = mailroom.table('workers', {
  id: uuid('id').primaryKey(),
  host: text('host').notNull(),
  pid: integer('pid').notNull(),
  version: text('version').notNull(),
  startedAt: instant('started_at').notNull().defaultNow(),
  beatAt: instant('beat_at').notNull().defaultNow(),
  stoppedAt: instant('stopped_at'),
  lostAt: instant('lost_at'),
  lanesHeld: integer('lanes_held').notNull().default(0),
  sentCount: bigint('sent_count', { mode: 'number' }).notNull().default(0),
  memoryBytes: bigint('memory_bytes', { mode: 'number' }).notNull().default(0),
  jobWorkerIds: text('job_worker_ids').array().notNull().default([]),
  sentPerSecond: real('sent_per_second').notNull().default(0),
  schemaNumber: integer('schema_number'),
});

export const fleetMinutes = mailroom.table(
  'fleet_minutes',
  {
    minute: instant('minute').notNull(),
    workerId: uuid('worker_id').notNull(),
    sent: integer('sent').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.minute, table.workerId] })],
);

export const deliveryCounters = mailroom.table(
  'delivery_counters',
  {
    organizationId: uuid('organization_id').notNull(),
    projectId: uuid('project_id').notNull(),
    hour: instant('hour').notNull(),
    slot: smallint('slot').notNull(),
    sent: bigint('sent', { mode: 'number' }).notNull().default(0),
    failed: bigint('failed', { mode: 'number' }).notNull().default(0),
    held: bigint('held', { mode: 'number' }).notNull().default(0),
    captured: bigint('captured', { mode: 'number' }).notNull().default(0),
    expired: bigint('expired', { mode: 'number' }).notNull().default(0),
    uncertain: bigint('uncertain', { mode: 'number' }).notNull().default(0),
    retried: bigint('retried', { mode: 'number' }).notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.hour, table.slot] })],
);

export const installation = mailroom.table('installation', {
  singleton: boolean('singleton').primaryKey().default(true),
  systemIdentifier: text('system_identifier').notNull(),
  timeline: bigint('timeline', { mode: 'number' }).notNull(),
  restoreMarker: uuid('restore_marker').notNull(),
  checkedAt: instant('checked_at').notNull().defaultNow(),
  sendingStoppedAt: instant('sending_stopped_at'),
  sendingStoppedReason: text('sending_stopped_reason'),
  oldestSchema: integer('oldest_schema').notNull().default(0),
  clockSteppedMs: bigint('clock_stepped_ms', { mode: 'number' }).notNull().default(0),
});
