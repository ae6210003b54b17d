import { boolean, integer, primaryKey, smallint, uuid } from 'drizzle-orm/pg-core';
import { bytea, instant, mailroom } from './columns.ts';

export const graphSlots = mailroom.table(
  'graph_slots',
  {
    key: bytea('key').notNull(),
    number: smallint('number').notNull(),
    holder: uuid('holder'),
    heldUntil: instant('held_until').notNull(),
    wantedBy: uuid('wanted_by'),
    wantedUntil: instant('wanted_until').notNull(),
  },
  (table) => [primaryKey({ columns: [table.key, table.number] })],
);

export const throttles = mailroom.table('throttles', {
  projectId: uuid('project_id').primaryKey(),
  organizationId: uuid('organization_id').notNull(),
  settingsVersion: integer('settings_version').notNull(),
  clientKey: bytea('client_key').notNull(),
  mailboxKey: bytea('mailbox_key').notNull(),
  countsByClient: boolean('counts_by_client').notNull(),
});
