import { integer, primaryKey, text, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant, mailroom } from './columns.ts';

export const organizations = mailroom.table('organizations', {
  id: uuid('id').primaryKey(),
  slug: text('slug').notNull(),
  name: text('name').notNull(),
  timeZone: text('time_zone').notNull().default('UTC'),
  defaultProjectId: uuid('default_project_id'),
  noticeProjectId: uuid('notice_project_id'),
  createdAt: instant('created_at').notNull().defaultNow(),
  archivedAt: instant('archived_at'),
});

export const users = mailroom.table('users', {
  id: uuid('id').primaryKey(),
  email: text('email').notNull(),
  name: text('name').notNull(),
  passwordHash: text('password_hash').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
  disabledAt: instant('disabled_at'),
});

export const memberships = mailroom.table(
  'memberships',
  {
    organizationId: uuid('organization_id').notNull(),
    userId: uuid('user_id').notNull(),
    role: text('role', { enum: ['owner', 'administrator', 'operator', 'auditor', 'viewer'] }).notNull(),
    projectIds: uuid('project_ids').array(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.organizationId, table.userId] })],
);

export const sessions = mailroom.table('sessions', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
  lastSeenAt: instant('last_seen_at').notNull().defaultNow(),
  expiresAt: instant('expires_at').notNull(),
  revokedAt: instant('revoked_at'),
  sourceIp: text('source_ip'),
  userAgent: text('user_agent'),
});

export const signInThrottle = mailroom.table('sign_in_throttle', {
  subject: text('subject').primaryKey(),
  windowStartedAt: instant('window_started_at').notNull(),
  failures: integer('failures').notNull(),
});

export const setupLinks = mailroom.table('setup_links', {
  tokenHash: bytea('token_hash').primaryKey(),
  createdAt: instant('created_at').notNull().defaultNow(),
  expiresAt: instant('expires_at').notNull(),
  usedAt: instant('used_at'),
});
