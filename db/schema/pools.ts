import { bigint, boolean, integer, primaryKey, real, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { instant, mailroom } from './columns.ts';

export const pools = mailroom.table('pools', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  name: text('name').notNull(),
  kind: text('kind', { enum: ['mailbox', 'sign_in', 'tenant'] }).notNull(),
  preset: text('preset').notNull(),
  mailsPerMinute: integer('mails_per_minute'),
  mailsPerHour: integer('mails_per_hour'),
  recipientsPerDay: integer('recipients_per_day'),
  bytesPerFiveMinutes: bigint('bytes_per_five_minutes', { mode: 'number' }),
  connections: integer('connections'),
  reservePercent: smallint('reserve_percent').notNull().default(0),
  reserveRecipients: integer('reserve_recipients').notNull().default(0),
  version: integer('version').notNull().default(1),
  createdAt: instant('created_at').notNull().defaultNow(),
  archivedAt: instant('archived_at'),
});

export const poolPaces = mailroom.table('pool_paces', {
  poolId: uuid('pool_id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  minuteFreeAt: instant('minute_free_at').notNull(),
  hourFreeAt: instant('hour_free_at').notNull(),
  bytesFreeAt: instant('bytes_free_at').notNull(),
  rateFactor: real('rate_factor').notNull().default(1),
  slowedAt: instant('slowed_at'),
  slowCount: integer('slow_count').notNull().default(0),
  stoppedUntil: instant('stopped_until'),
  slowCode: text('slow_code'),
  slowReply: text('slow_reply'),
  pacedAt: instant('paced_at'),
});

export const poolUsage = mailroom.table(
  'pool_usage',
  {
    poolId: uuid('pool_id').notNull(),
    minute: instant('minute').notNull(),
    organizationId: uuid('organization_id').notNull(),
    mails: integer('mails').notNull().default(0),
    recipients: integer('recipients').notNull().default(0),
    bytes: bigint('bytes', { mode: 'number' }).notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.poolId, table.minute] })],
);

export const poolConnections = mailroom.table(
  'pool_connections',
  {
    poolId: uuid('pool_id').notNull(),
    laneId: uuid('lane_id').notNull(),
    workerId: uuid('worker_id').notNull(),
    organizationId: uuid('organization_id').notNull(),
    held: integer('held').notNull().default(0),
    wanted: integer('wanted').notNull().default(0),
    askedAt: instant('asked_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.poolId, table.laneId, table.workerId] })],
);

export const floodSettings = mailroom.table('flood_settings', {
  projectId: uuid('project_id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  isOn: boolean('is_on').notNull(),
  repeatsPerHour: integer('repeats_per_hour').notNull(),
  repliesPerHour: integer('replies_per_hour').notNull(),
  surgeFactor: integer('surge_factor').notNull(),
  surgeFloor: integer('surge_floor').notNull(),
});

export const floodCounts = mailroom.table(
  'flood_counts',
  {
    projectId: uuid('project_id').notNull(),
    shape: text('shape').notNull(),
    organizationId: uuid('organization_id').notNull(),
    windowAt: instant('window_at').notNull(),
    mails: integer('mails').notNull(),
    mailsBefore: integer('mails_before').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.shape] })],
);

export const floodAllowances = mailroom.table(
  'flood_allowances',
  {
    projectId: uuid('project_id').notNull(),
    shape: text('shape').notNull(),
    organizationId: uuid('organization_id').notNull(),
    rule: text('rule', { enum: ['repeated', 'replies', 'reply_to_automatic', 'surge'] }).notNull(),
    label: text('label').notNull(),
    until: instant('until'),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
  },
  (table) => [primaryKey({ columns: [table.projectId, table.shape] })],
);
