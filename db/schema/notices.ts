import { jsonb, text, uuid } from 'drizzle-orm/pg-core';
import { instant, mailroom } from './columns.ts';

export const notices = mailroom.table('notices', {
  id: uuid('id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  projectId: uuid('project_id').notNull(),
  kind: text('kind').notNull(),
  facts: jsonb('facts').notNull(),
  announcedAt: instant('announced_at').notNull().defaultNow(),
  expiresAt: instant('expires_at').notNull(),
  settledAt: instant('settled_at'),
  outcome: text('outcome', { enum: ['mailed', 'untold'] }),
  messageId: uuid('message_id'),
});
