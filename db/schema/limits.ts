import { bigint, boolean, integer, primaryKey, smallint, text, uuid } from 'drizzle-orm/pg-core';
import { instant, mailroom } from './columns.ts';

export const limitCalendars = mailroom.table(
  'limit_calendars',
  {
    organizationId: uuid('organization_id').notNull(),
    startsAt: instant('starts_at').notNull(),
    kind: text('kind', { enum: ['calendar', 'rolling'] }).notNull(),
    timeZone: text('time_zone').notNull(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.startsAt] })],
);

export const limitPolicies = mailroom.table('limit_policies', {
  organizationId: uuid('organization_id').primaryKey(),
  recipientsPolicy: text('recipients_policy', { enum: ['hold', 'split', 'refuse'] })
    .notNull()
    .default('hold'),
  autoResume: boolean('auto_resume').notNull().default(false),
  autoResumeThreshold: integer('auto_resume_threshold'),
});

export const limitScopes = mailroom.table('limit_scopes', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id'),
  protocol: text('protocol', { enum: ['smtp', 'ews', 'graph'] }),
  mailsPerDay: integer('mails_per_day'),
  recipientsPerMail: integer('recipients_per_mail'),
  highReserve: integer('high_reserve').notNull().default(0),
  raisedAt: instant('raised_at'),
});

export const limitUsage = mailroom.table(
  'limit_usage',
  {
    scopeId: uuid('scope_id').notNull(),
    minute: instant('minute').notNull(),
    slot: smallint('slot').notNull(),
    organizationId: uuid('organization_id').notNull(),
    mails: integer('mails').notNull().default(0),
    highMails: integer('high_mails').notNull().default(0),
    passed: integer('passed').notNull().default(0),
    held: integer('held').notNull().default(0),
    largest: integer('largest').notNull().default(0),
  },
  (table) => [primaryKey({ columns: [table.scopeId, table.minute, table.slot] })],
);

export const limitUsageHours = mailroom.table(
  'limit_usage_hours',
  {
    scopeId: uuid('scope_id').notNull(),
    hour: instant('hour').notNull(),
    slot: smallint('slot').notNull(),
    organizationId: uuid('organization_id').notNull(),
    mails: integer('mails').notNull(),
    highMails: integer('high_mails').notNull(),
    held: integer('held').notNull(),
  },
  (table) => [primaryKey({ columns: [table.scopeId, table.hour, table.slot] })],
);

export const heldCounts = mailroom.table('held_counts', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  state: text('state', { enum: ['backlog', 'suspended'] }).notNull(),
  reason: text('reason', {
    enum: ['day_limit', 'quota', 'recipients_limit', 'flood', 'by_hand'],
  }).notNull(),
  mails: bigint('mails', { mode: 'number' }).notNull(),
});
