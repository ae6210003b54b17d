import { asOwner, type Transaction } from '#db/client.ts';
import { migrationState } from '#db/migration-state.ts';
import type { Services } from './context.ts';
import { leaseMs } from './queue/lease-time.ts';
import { databaseTrouble, troubleWords } from './database-trouble.ts';

export interface Readiness {
  readonly isReady: boolean;
  /** Why it is not, as a sentence; null when it is. */
  readonly reason: string | null;
  readonly checks: {
    readonly database: 'ok' | 'unreachable' | 'busy' | 'read only' | 'full';
    readonly migrations: 'ok' | 'behind' | 'ahead' | 'outdated' | 'unknown';
    readonly worker: 'ok' | 'none answering' | 'unknown';
  };
}

/**
 * Whether this installation can do its work: Postgres answers and takes changes, at a schema that this code can work
 * on, and a worker is alive. `ahead` is ready: while a new release is rolled out the old one goes on.
 */
export async function readReadiness(services: Services): Promise<Readiness> {
  try {
    return await asOwner(services.database, readChecks);
  } catch (error) {
    services.log.warn({ err: error }, 'the database does not answer');
    const trouble = databaseTrouble(error) ?? 'away';
    return readiness({ database: databaseWords[trouble], migrations: 'unknown', worker: 'unknown' });
  }
}

const databaseWords = { away: 'unreachable', busy: 'busy', read_only: 'read only', full: 'full' } as const;

async function readChecks(tx: Transaction): Promise<Readiness> {
  const state = await migrationState({ query: (text) => tx.query(text) });
  const migrations = state === 'current' ? 'ok' : state;
  if (migrations === 'behind' || migrations === 'outdated') {
    return readiness({ database: 'ok', migrations, worker: 'unknown' });
  }
  const { rows } = await tx.query<{ read_only: boolean; alive: boolean }>(
    `select current_setting('transaction_read_only') = 'on' as read_only, exists (
       select from mailroom.workers where stopped_at is null
         and beat_at > mailroom.now() - $1 * interval '1 millisecond') as alive`,
    [leaseMs],
  );
  const [row] = rows;
  return readiness({
    database: row?.read_only === true ? 'read only' : 'ok',
    migrations,
    worker: row?.alive === true ? 'ok' : 'none answering',
  });
}

const databaseReasons: Readonly<Record<Readiness['checks']['database'], string | null>> = {
  ok: null,
  unreachable: troubleWords.away.sentence,
  busy: troubleWords.busy.sentence,
  'read only': troubleWords.read_only.sentence,
  full: troubleWords.full.sentence,
};

function readiness(checks: Readiness['checks']): Readiness {
  const reason = databaseReasons[checks.database] ?? migrationReason(checks) ?? workerReason(checks);
  return { isReady: reason === null, reason, checks };
}

function migrationReason({ migrations }: Readiness['checks']): string | null {
  if (migrations === 'behind') return 'The database wants migrations: run "npm run migrate".';
  return migrations === 'outdated'
    ? 'The database was migrated by a newer Mailroom that rules this one out.'
    : null;
}

function workerReason({ worker }: Readiness['checks']): string | null {
  return worker === 'ok' ? null : 'No worker is running: mail is accepted and waits.';
}
