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

// Vitest sets up every project by itself, in one process: the first starts the server, the last ends it.
let users = 0;
let shared: Promise<SharedServer> | undefined;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  users += 1;
  shared ??= start();
  const { server } = await shared;
  project.provide('postgresAddress', server.address('%s'));
  return async () => {
    users -= 1;
    if (users > 0) return;
    await server.stop();
    const folder = (await shared)?.folder;
    shared = undefined;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
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
