import { once } from 'node:events';
import net from 'node:net';
import { expect, test } from 'vitest';
import { createDatabase } from '#db/client.ts';
import { DatabaseReturn } from '#lib/queue/database-return.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { endWithFile } from '#tests/support/file-endings.ts';
import { freePort } from '#tests/support/free-port.ts';

const db = await createTestDatabase();

/** A way to Postgres that is opened by the test. */
async function openWay(port: number): Promise<void> {
  const address = new URL(db.connectionString);
  const sockets = new Set<net.Socket>();
  const server = net.createServer((near) => {
    const far = net.connect(Number(address.port), address.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    near.pipe(far).pipe(near);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  endWithFile(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
}

test('a database that was away is noticed as soon as it answers, and told once', async () => {
  const port = await freePort();
  const address = new URL(db.connectionString);
  address.port = String(port);
  const database = createDatabase({ connectionString: String(address), maxConnections: 1 });
  endWithFile(() => database.close());
  let told = 0;
  const back = Promise.withResolvers<void>();
  const databaseReturn = new DatabaseReturn(database, () => {
    told += 1;
    back.resolve();
  });
  databaseReturn.noteAway();
  databaseReturn.noteAway();
  await expect(database.pool.query('select 1')).rejects.toThrow('ECONNREFUSED');
  expect(told).toBe(0);
  await openWay(port);
  await back.promise;
  await databaseReturn.close();
  expect(told).toBe(1);
});

test('nothing is told after the end', async () => {
  let told = 0;
  const databaseReturn = new DatabaseReturn(db.database, () => (told += 1));
  databaseReturn.noteAway();
  await databaseReturn.close();
  databaseReturn.noteAway();
  expect(told).toBe(0);
});
