import { getTableColumns, is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import * as audit from '#db/schema/audit.ts';
import * as backlog from '#db/schema/backlog.ts';
import * as connections from '#db/schema/connections.ts';
import * as limits from '#db/schema/limits.ts';
import * as messages from '#db/schema/messages.ts';
import * as notices from '#db/schema/notices.ts';
import * as oauth from '#db/schema/oauth.ts';
import * as people from '#db/schema/people.ts';
import * as pools from '#db/schema/pools.ts';
import * as projects from '#db/schema/projects.ts';
import * as queue from '#db/schema/queue.ts';
import * as slots from '#db/schema/slots.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { sourceFiles } from './source-files.ts';

const { database } = await createTestDatabase();

// Tables that belong to no organization, each with its reason.
const withoutOrganization: Readonly<Record<string, string>> = {
  organizations: 'is the organization',
  users: 'a person may be a member of several organizations',
  sessions: 'belongs to a person',
  sign_in_throttle: 'counts guesses before anybody is known',
  setup_links: 'comes before the first organization',
  workers: 'one fleet serves all organizations',
  installation: 'one row about the installation',
  fleet_minutes: 'one fleet serves all organizations',
  graph_slots: 'a mailbox is throttled whichever organization sends from it',
};

interface TableRow {
  readonly name: string;
  readonly isPartition: boolean;
  readonly isSecured: boolean;
  readonly isForced: boolean;
  readonly columns: readonly string[];
}

async function readTables(): Promise<readonly TableRow[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ name: string; partition: boolean; secured: boolean; forced: boolean; columns: string[] }>(
      `select c.relname as name, c.relispartition as partition, c.relrowsecurity as secured,
              c.relforcerowsecurity as forced,
              array(select attname::text from pg_attribute a
                    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by 1) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname = 'mailroom' and c.relkind in ('r', 'p') order by 1`,
    ),
  );
  return rows.map((row) => ({
    name: row.name,
    isPartition: row.partition,
    isSecured: row.secured,
    isForced: row.forced,
    columns: row.columns,
  }));
}

const tables = await readTables();
const modules = {
  audit,
  backlog,
  connections,
  limits,
  messages,
  notices,
  oauth,
  people,
  pools,
  projects,
  queue,
  slots,
};
const described = Object.values(modules)
  .flatMap((exported): unknown[] => Object.values(exported))
  .filter((value) => is(value, PgTable));

test('every table has row-level security, forced on its owner too', () => {
  expect(tables.length).toBeGreaterThan(15);
  const open = tables.filter((table) => !table.isSecured || !table.isForced);
  expect(open.map((table) => table.name)).toEqual([]);
});

test('every table carries the organization, or says why not', () => {
  const named = tables.filter((table) => !table.isPartition);
  const odd = named.filter(
    (table) => !table.columns.includes('organization_id') && !(table.name in withoutOrganization),
  );
  expect(odd.map((table) => table.name)).toEqual([]);
  const unknown = Object.keys(withoutOrganization).filter(
    (name) => !named.some((table) => table.name === name),
  );
  expect(unknown).toEqual([]);
});

test('the schema in code has the columns of the database, no more and no fewer', () => {
  const inCode = new Map(
    described.map((table) => [
      getTableConfig(table).name,
      Object.values(getTableColumns(table))
        .map((column) => column.name)
        .toSorted(),
    ]),
  );
  const inDatabase = new Map(
    tables.filter((table) => !table.isPartition).map((table) => [table.name, table.columns.toSorted()]),
  );
  expect(Object.fromEntries(inCode)).toEqual(Object.fromEntries(inDatabase));
});

test('every file of the schema is compared', () => {
  const schema = sourceFiles()
    .map((file) => file.path)
    .filter((path) => path.startsWith('db/schema/') && !path.endsWith('/columns.ts'));
  expect(new Set(schema)).toEqual(new Set(Object.keys(modules).map((name) => `db/schema/${name}.ts`)));
});

test('neither role of the application can get around row-level security', async () => {
  const { rows } = await asOwner(database, (tx) =>
    tx.query(
      `select rolname from pg_roles
       where rolname in ('mailroom_app', 'mailroom_worker') and not rolsuper and not rolbypassrls and not rolcanlogin`,
    ),
  );
  expect(rows).toHaveLength(2);
});

test('functions that run with their owner’s rights look nothing up in a path that a caller sets', async () => {
  const { rows } = await asOwner(database, (tx) =>
    tx.query(
      `select p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname = 'mailroom' and p.prosecdef
         and not coalesce('search_path=pg_catalog, pg_temp' = any (p.proconfig), false)`,
    ),
  );
  expect(rows).toEqual([]);
});
