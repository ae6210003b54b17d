import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { asDrain, asOwner, asWorker, createDatabase, readAsDrain, type Database } from '#db/client.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { endWithFile } from '#tests/support/file-endings.ts';
import { holdAnswers, type HeldAnswers } from '#tests/support/held-answers.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
  await asOwner(db.database, async (tx) => {
    await tx.query('create table public.notes (word text primary key)');
    await tx.query('grant all on public.notes to public');
  });
});

/** One connection, warm, over a line that can keep its answers back. */
async function overALine(isPooled = false): Promise<{ database: Database; line: HeldAnswers }> {
  const line = await holdAnswers(db.connectionString);
  const { connectionString } = line;
  const database = createDatabase({ connectionString, maxConnections: 1, isPooled });
  endWithFile(() => database.close());
  await asWorker(database, (tx) => tx.query('select 1'));
  return { database, line };
}

async function words(): Promise<readonly string[]> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ word: string }>('select word from public.notes order by word'),
  );
  return rows.map(({ word }) => word);
}

test('a transaction of one statement is one round trip', async () => {
  const { database, line } = await overALine();
  // Whoever waits for an answer before the commit waits for ever.
  line.holdUntil('commit');
  await asDrain(database, (tx) => tx.queryLast('insert into public.notes values ($1)', ['one trip']));
  line.holdUntil(null);
  expect(await words()).toContain('one trip');
});

test('statements that do not need each other travel together', async () => {
  const { database, line } = await overALine();
  line.holdUntil('third');
  const answers = await asDrain(database, (tx) =>
    Promise.all(
      ['first', 'second', 'third'].map((word) => tx.query<{ word: string }>(`select '${word}' as word`)),
    ),
  );
  line.holdUntil(null);
  expect(answers.map(({ rows }) => rows[0]?.word)).toEqual(['first', 'second', 'third']);
});

test('what only reads has its answer before its transaction has ended', async () => {
  const { database, line } = await overALine();
  line.holdFrom('commit');
  const { rows } = await readAsDrain(database, (tx) => tx.query<{ two: number }>('select 2 as two'));
  expect(rows).toEqual([{ two: 2 }]);
  line.holdUntil(null);
  // The only connection is free again.
  await asWorker(database, (tx) => tx.query('select 1'));
});

test('behind a pooler no statement is said before the one before it was answered', async () => {
  const { database, line } = await overALine(true);
  line.holdUntil('never');
  const held = line.held();
  const done = asDrain(database, async (tx) => {
    await Promise.all([tx.query("select 'first'"), tx.query("select 'second'")]);
    await tx.queryLast('insert into public.notes values ($1)', ['pooled']);
  });
  await held;
  expect(line.said).toContain('begin');
  expect(line.said).not.toContain('first');
  line.holdFrom('first');
  await line.held();
  expect(line.said).not.toContain('second');
  line.holdFrom('insert into');
  await line.held();
  expect(line.said).not.toContain('commit');
  line.holdUntil(null);
  await done;
  expect(await words()).toContain('pooled');
});

test('a last statement that fails says why and leaves nothing; the connection goes on', async () => {
  const { database } = await overALine();
  await expect(
    asDrain(database, async (tx) => {
      await tx.query("insert into public.notes values ('before')");
      await tx.queryLast('select 1 / $1::integer', [0]);
    }),
  ).rejects.toThrow('division by zero');
  expect(await words()).not.toContain('before');
  await asDrain(database, (tx) => tx.queryLast("insert into public.notes values ('after')", []));
  expect(await words()).toContain('after');
});

test('nothing can be said after the last statement', async () => {
  const { database } = await overALine();
  await expect(
    asDrain(database, async (tx) => {
      await tx.queryLast("insert into public.notes values ('last')", []);
      await tx.query("insert into public.notes values ('too late')");
    }),
  ).rejects.toThrow('The last statement of this transaction was said already');
  expect(await words()).not.toContain('too late');
});

test('a transaction that cannot be opened runs nothing, and says why', async () => {
  const stranger = `stranger_${randomUUID().slice(0, 8)}`;
  const address = new URL(db.connectionString);
  const owner = new pg.Client({ connectionString: db.connectionString });
  await owner.connect();
  await owner.query(`create role ${stranger} login password 'stranger'`);
  Object.assign(address, { username: stranger, password: 'stranger' });
  const database = createDatabase({ connectionString: String(address), maxConnections: 1 });
  await expect(
    asWorker(database, (tx) => tx.query("insert into public.notes values ('outside')")),
  ).rejects.toThrow('permission denied to set role');
  expect(await words()).not.toContain('outside');
  await database.close();
  await owner.query(`drop role ${stranger}`);
  await owner.end();
});
