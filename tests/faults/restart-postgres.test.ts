import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createDatabase } from '#db/client.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#db/embedded.ts';
import { ensureDatabase, migrateDatabase } from '#db/migrate.ts';
import {
  attemptsOf,
  countStates,
  makeScene,
  queueLength,
  queueMails,
} from '#tests/integration/queue/queue-scene.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { startWorkerProcess } from './worker-process.ts';

const endings: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const end of endings.toReversed()) await end();
});

async function startServer(folder: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ folder });
}

/** Ends Postgres at once, without a checkpoint, as `pg_ctl -m immediate` does. */
async function crash(server: EmbeddedPostgres): Promise<void> {
  const [pid] = (await readFile(join(server.dataFolder, 'postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(pid), 'SIGQUIT');
  await server.exited;
}

test('Postgres crashes and comes back in mid-drain: no mail is lost, every repeat is marked', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mailroom-restart-'));
  await chmod(folder, 0o711);
  endings.push(() => rm(folder, { recursive: true, force: true }));
  let server = await startServer(folder);
  endings.push(() => server.stop());
  await ensureDatabase(server.address('postgres'), 'mailroom');
  const connectionString = server.address('mailroom');
  await migrateDatabase(connectionString);
  const database = createDatabase({ connectionString });
  endings.push(() => database.close());
  const sink = await startFastSink();
  endings.push(() => sink.close());
  const scene = await makeScene(database, { port: sink.port });
  const worker = await startWorkerProcess({ connectionString });
  endings.push(() => worker.stop(10_000));
  const ids = await queueMails(database, scene, 3000);

  for (const part of [300, 1200]) {
    await waitUntil('a part of the mails at the sink', () => sink.counts().mails >= part, { everyMs: 1 });
    await crash(server);
    server = await startServer(folder);
    expect(server.address('mailroom')).toBe(connectionString);
  }
  await waitUntil('an empty queue', async () => (await queueLength(database, scene).catch(() => 1)) === 0, {
    withinMs: 90_000,
    everyMs: 200,
  });
  expect(await countStates(database, scene)).toEqual({ sent: 3000 });
  const arrivals = sink.counts().messageIds;
  expect(arrivals.size).toBe(ids.length);
  const repeats = new Set(
    (await attemptsOf(database, scene)).filter(({ repeat }) => repeat).map(({ message_id }) => message_id),
  );
  for (const [messageId] of [...arrivals].filter(([, times]) => times > 1)) {
    expect(repeats).toContain(messageId.slice(1, -'@test>'.length));
  }
  expect((await worker.stop(20_000)).code).toBe(0);
});
