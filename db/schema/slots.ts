import { primaryKey, smallint, uuid } from 'drizzle-orm/pg-core';
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
