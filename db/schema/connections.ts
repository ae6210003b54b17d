import { boolean, integer, jsonb, text, uuid } from 'drizzle-orm/pg-core';
import { instant, mailroom } from './columns.ts';

export const connectionProofs = mailroom.table('connection_proofs', {
  projectId: uuid('project_id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  dueAt: instant('due_at').notNull(),
  takenUntil: instant('taken_until'),
  settingsVersion: integer('settings_version'),
  provedAt: instant('proved_at'),
  ok: boolean('ok'),
  proof: jsonb('proof'),
  lastOkAt: instant('last_ok_at'),
  lastFailedAt: instant('last_failed_at'),
  failureCode: text('failure_code'),
  failureReply: text('failure_reply'),
});
