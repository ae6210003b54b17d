import { bigint, integer, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant, mailroom } from './columns.ts';

export const oauthGrants = mailroom.table('oauth_grants', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  account: text('account'),
  scope: text('scope'),
  consentedAt: instant('consented_at'),
  consentedBy: text('consented_by'),
  keyId: text('key_id'),
  sealed: bytea('sealed'),
  accessExpiresAt: instant('access_expires_at'),
  refreshExpiresAt: instant('refresh_expires_at'),
  refreshedAt: instant('refreshed_at'),
  renewAt: instant('renew_at'),
  refreshingUntil: instant('refreshing_until'),
  refreshCount: bigint('refresh_count', { mode: 'number' }).notNull().default(0),
  failedAt: instant('failed_at'),
  failureCode: text('failure_code'),
  failureReply: text('failure_reply'),
});

export const consentLinks = mailroom.table('consent_links', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  grantId: uuid('grant_id').notNull(),
  tokenHash: bytea('token_hash').notNull(),
  mailbox: text('mailbox').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
  createdBy: text('created_by').notNull(),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
  revokedAt: instant('revoked_at'),
});

export const oauthConsents = mailroom.table('oauth_consents', {
  stateHash: bytea('state_hash').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  grantId: uuid('grant_id').notNull(),
  settingsVersion: integer('settings_version').notNull(),
  kind: text('kind', { enum: ['mailbox', 'administrator'] }).notNull(),
  browserHash: bytea('browser_hash').notNull(),
  linkId: uuid('link_id'),
  keyId: text('key_id').notNull(),
  sealed: bytea('sealed').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
});

export const announcedEnds = mailroom.table('announced_ends', {
  projectId: uuid('project_id').notNull(),
  organizationId: uuid('organization_id').notNull(),
  kind: text('kind', { enum: ['client_secret', 'certificate', 'token'] }).notNull(),
  endsAt: instant('ends_at').notNull(),
  daysAhead: integer('days_ahead').notNull(),
  announcedAt: instant('announced_at').notNull().defaultNow(),
});
