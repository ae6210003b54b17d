import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase } from '#db/client.ts';
import { Endings } from '#tests/faults/support/endings.ts';
import { cloneDatabase, startFaultPostgres, type FaultPostgres } from '#tests/faults/support/postgres.ts';
import { makeScene, queueMails, waitForStates } from '#tests/integration/queue/queue-scene.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { testKeys } from '#tests/support/factories.ts';
import { spawnProgram, type SpawnedProcess } from '#tests/support/processes.ts';
import { waitForLine } from '#tests/support/wait-for.ts';

const patient = { timeout: 180_000 };
const endings = new Endings();
let server: FaultPostgres;
let address = '';

beforeAll(async () => {
  const home = await mkdtemp(join(tmpdir(), 'mailroom-away-'));
  await chmod(home, 0o711);
  endings.add(() => rm(home, { recursive: true, force: true }));
  server = await startFaultPostgres(home, endings);
  address = await cloneDatabase(server);
});

afterAll(() => endings.run());

function startWorker(): SpawnedProcess {
  return spawnProgram('worker/main.ts', {
    env: { DATABASE_URL: address, MAILROOM_KEYS: testKeys, MAILROOM_ALLOWED_ADDRESSES: '127.0.0.0/8' },
  });
}

const waits = /The database does not answer\. The worker waits/;

test(
  'a worker started while the database is away waits, says so once, and sends when it is back',
  patient,
  async () => {
    const sink = await startFastSink();
    endings.add(() => sink.close());
    const database = createDatabase({ connectionString: address });
    endings.add(() => database.close());
    const scene = await makeScene(database, { port: sink.port });
    await queueMails(database, scene, 20);
    await server.crash();
    const worker = startWorker();
    await waitForLine(worker.stdout, waits);
    await server.start();
    await waitForLine(worker.stdout, /worker ready/);
    await waitForStates(database, scene, { sent: 20 });
    expect(worker.output().match(new RegExp(waits, 'g'))).toHaveLength(1);

    // The same in mid-life: no crash, no restart, one process.
    await server.crash();
    await server.start();
    await queueMails(database, scene, 20);
    await waitForStates(database, scene, { sent: 40 });
    expect(worker.output().match(/worker ready/g)).toHaveLength(1);
    expect((await worker.stop(20_000)).code).toBe(0);
  },
);

test('a worker that waits for its database ends at once when it is asked to', patient, async () => {
  await server.crash();
  const worker = startWorker();
  await waitForLine(worker.stdout, waits);
  expect((await worker.stop(20_000)).code).toBe(0);
  await server.start();
});
