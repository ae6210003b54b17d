import { chmod, mkdtemp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#db/embedded.ts';
import { ensureDatabase, migrateDatabase } from '#db/migrate.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Endings } from './endings.ts';

/** A Postgres of the faults, which can be ended and brought back at the same address. */
export interface FaultPostgres {
  address(database: string): string;
  /** Told of each time from now on in which it is away. */
  onAway(begin: () => () => void): void;
  /** Ends it at once, without a checkpoint, as `pg_ctl -m immediate` does. */
  crash(): Promise<void>;
  /** SIGKILL of its first process: the others notice and go. */
  kill(): Promise<void>;
  /** Brings it back at the same address. */
  start(): Promise<void>;
}

const templateName = 'mailroom_template';

// What is lost with a power cut is no matter here; a crash of the processes loses nothing without fsync either.
const settings = { fsync: 'off', max_connections: 400, autovacuum_naptime: '10s' };

function nothing(): void {}

/** Starts a Postgres with a migrated template, in a folder of its own below `home`. */
export async function startFaultPostgres(
  home: string,
  endings: Endings,
  changes: Readonly<Record<string, string | number>> = {},
): Promise<FaultPostgres> {
  const folder = await mkdtemp(join(home, 'postgres-'));
  await chmod(folder, 0o711);
  const start = (): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ folder, settings: { ...settings, ...changes } });
  let running = await start();
  let begin: () => () => void = () => nothing;
  let isBack = nothing;
  endings.add(() => running.stop());
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const [pid] = (await readFile(join(running.dataFolder, 'postmaster.pid'), 'utf8')).split('\n');
    isBack = begin();
    process.kill(Number(pid), signal);
    await running.exited;
  };
  await makeTemplate(running);
  return {
    address: (database) => running.address(database),
    onAway(told) {
      begin = told;
    },
    crash: () => end('SIGQUIT'),
    kill: () => end('SIGKILL'),
    start: async () => {
      const { port } = running;
      // Sessions of a killed server end a moment after it, and until then it does not start again.
      running = await waitUntil('Postgres again', () => start().catch(() => undefined), {
        withinMs: 30_000,
        everyMs: 200,
      });
      if (running.port !== port)
        throw new Error(`Postgres came back on port ${running.port} instead of ${port}`);
      isBack();
    },
  };
}

/** A migrated database to clone others from. */
export async function makeTemplate(server: Pick<FaultPostgres, 'address'>): Promise<void> {
  await ensureDatabase(server.address('postgres'), templateName);
  await migrateDatabase(server.address(templateName));
}

let databases = 0;

/** A database of its own, cloned from the template. Answers its address. */
export async function cloneDatabase(server: Pick<FaultPostgres, 'address'>): Promise<string> {
  databases += 1;
  const name = `fault_${databases}`;
  await administer(server, `create database ${name} template ${templateName}`);
  return server.address(name);
}

/** One statement outside of any transaction, as the superuser. */
export async function administer(
  server: Pick<FaultPostgres, 'address'>,
  statement: string,
  database = 'postgres',
): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: server.address(database) });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.query(statement);
  } finally {
    await client.end();
  }
}
