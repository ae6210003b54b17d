import {
  bigint,
  boolean,
  doublePrecision,
  integer,
  jsonb,
  primaryKey,
  text,
  uuid,
} from 'drizzle-orm/pg-core';
import { bytea, instant, mailroom } from './columns.ts';

export const lanes = mailroom.table('lanes', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  generation: bigint('generation', { mode: 'number' }).notNull().default(0),
  holder: uuid('holder'),
  leaseExpiresAt: instant('lease_expires_at'),
  wakeSeq: bigint('wake_seq', { mode: 'number' }).notNull().default(0),
  stoppedAt: instant('stopped_at'),
  stopCode: text('stop_code'),
  stopStage: text('stop_stage'),
  stopReply: text('stop_reply'),
  waitKind: text('wait_kind', { enum: ['unreachable', 'throttled'] }),
  waitSince: instant('wait_since'),
  waitUntil: instant('wait_until'),
  waitCode: text('wait_code'),
  waitReply: text('wait_reply'),
  failureCount: integer('failure_count').notNull().default(0),
  activeEndpoint: text('active_endpoint', { enum: ['primary', 'alternate'] })
    .notNull()
    .default('primary'),
  alternateSince: instant('alternate_since'),
  alternateReason: text('alternate_reason'),
  reachFailures: integer('reach_failures').notNull().default(0),
  bothDownSince: instant('both_down_since'),
  waitEndpoint: text('wait_endpoint'),
  primaryProbeAt: instant('primary_probe_at'),
  primaryUpSince: instant('primary_up_since'),
  rateFactor: doublePrecision('rate_factor').notNull().default(1),
  slowedAt: instant('slowed_at'),
  slowedUntil: instant('slowed_until'),
  slowCount: integer('slow_count').notNull().default(0),
});

export const projects = mailroom.table('projects', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  slug: text('slug').notNull(),
  name: text('name').notNull(),
  laneId: uuid('lane_id').notNull(),
  settingsVersion: integer('settings_version'),
  createdAt: instant('created_at').notNull().defaultNow(),
  archivedAt: instant('archived_at'),
  pausedAt: instant('paused_at'),
  pausedBy: text('paused_by'),
  pauseReason: text('pause_reason', { enum: ['by_hand', 'editing', 'restored'] }),
  protocol: text('protocol', { enum: ['smtp', 'ews', 'graph'] }),
  autoResume: boolean('auto_resume'),
  autoResumeThreshold: integer('auto_resume_threshold'),
  autoResumedAt: instant('auto_resumed_at'),
  redecidesHeld: boolean('redecides_held').notNull().default(false),
  poolId: uuid('pool_id'),
});

export const mailSettingsVersions = mailroom.table('mail_settings_versions', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  version: integer('version').notNull(),
  document: jsonb('document'),
  origin: text('origin', { enum: ['saved', 'copied', 'restored', 'cleared', 'switched_off'] }).notNull(),
  originDetail: jsonb('origin_detail').notNull().default({}),
  changes: jsonb('changes').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
  actorKind: text('actor_kind').notNull(),
  actorId: uuid('actor_id'),
  actorLabel: text('actor_label').notNull(),
  sourceIp: text('source_ip'),
});

export const secrets = mailroom.table('secrets', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  purpose: text('purpose').notNull(),
  keyId: text('key_id').notNull(),
  sealed: bytea('sealed'),
  createdAt: instant('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
  destroyedAt: instant('destroyed_at'),
});

export const apiKeys = mailroom.table('api_keys', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  name: text('name').notNull(),
  tokenHash: bytea('token_hash').notNull(),
  lastFour: text('last_four').notNull(),
  scopes: text('scopes').array().notNull(),
  sendingMode: jsonb('sending_mode'),
  allowedSenders: text('allowed_senders').array(),
  createdAt: instant('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
  lastUsedAt: instant('last_used_at'),
  expiresAt: instant('expires_at'),
  revokedAt: instant('revoked_at'),
  revokedBy: text('revoked_by'),
});

export const categories = mailroom.table(
  'categories',
  {
    organizationId: uuid('organization_id').notNull(),
    name: text('name').notNull(),
    firstUsedAt: instant('first_used_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.name] })],
);
