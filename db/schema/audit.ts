import { jsonb, text, uuid } from 'drizzle-orm/pg-core';
import { instant, mailroom } from './columns.ts';

export const auditEntries = mailroom.table('audit_entries', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id'),
  at: instant('at').notNull().defaultNow(),
  actorKind: text('actor_kind', { enum: ['user', 'key', 'operator', 'system'] }).notNull(),
  actorId: uuid('actor_id'),
  actorLabel: text('actor_label').notNull(),
  sourceIp: text('source_ip'),
  userAgent: text('user_agent'),
  action: text('action').notNull(),
  objectKind: text('object_kind').notNull(),
  objectId: text('object_id'),
  objectLabel: text('object_label'),
  detail: jsonb('detail').notNull().default({}),
});
