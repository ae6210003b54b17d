import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#db/embedded.ts';
import { ensureDatabase, migrateDatabase } from '#db/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of the run's Postgres with `%s` where the name of the database goes. */
    postgresAddress: string;
  }
}

export const templateName = 'mailroom_template';

interface SharedServer {
  readonly folder: string;
  readonly server: EmbeddedPostgres;
}

interface SharedUse {
  users: number;
  readonly started: Promise<SharedServer>;
}

declare global {
  // Vitest reads this module anew for every project, in one process: the first starts the server, the last ends it.
  var mailroomTestServer: SharedUse | undefined;
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const use = (globalThis.mailroomTestServer ??= { users: 0, started: start() });
  use.users += 1;
  const { server, folder } = await use.started;
  project.provide('postgresAddress', server.address('%s'));
  return async () => {
    use.users -= 1;
    if (use.users > 0) return;
    globalThis.mailroomTestServer = undefined;
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

// Nothing survives the run, so Postgres may skip what guards against a power cut. Faults that kill Postgres
// itself start a server of their own.
const fastSettings = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  max_connections: 400,
  autovacuum_naptime: '10s',
};

async function start(): Promise<SharedServer> {
  const folder = await mkdtemp(join(tmpdir(), 'mailroom-test-'));
  // Run by root, Postgres has an account of its own that must be able to enter.
  await chmod(folder, 0o711);
  const server = await startEmbeddedPostgres({ folder, settings: fastSettings });
  await ensureDatabase(server.address('postgres'), templateName);
  await migrateDatabase(server.address(templateName));
  return { folder, server };
}
