import { asOwner } from '#db/client.ts';
import { migrationState } from '#db/migration-state.ts';
import type { Services } from './context.ts';

export interface Readiness {
  readonly isReady: boolean;
  readonly checks: {
    readonly database: 'ok' | 'unreachable';
    readonly migrations: 'ok' | 'behind' | 'ahead' | 'unknown';
    readonly worker: 'ok' | 'none answering' | 'unknown';
  };
}

// A worker beats every 2 s and is lost after 8 s of silence (DESIGN 4).
const lostAfterSeconds = 8;

/** Whether this installation can do its work: Postgres answers, at this code's migrations, and a worker is alive. */
export async function readReadiness(services: Services): Promise<Readiness> {
  try {
    return await asOwner(services.database, async (tx) => {
      const migrations = await migrationState({ query: (text) => tx.query(text) });
      if (migrations !== 'current') return readiness('ok', migrations, 'unknown');
      const alive = await tx.query(
        `select from mailroom.workers
         where stopped_at is null and beat_at > mailroom.now() - make_interval(secs => ${lostAfterSeconds}) limit 1`,
      );
      return readiness('ok', 'ok', alive.rowCount === 0 ? 'none answering' : 'ok');
    });
  } catch (error) {
    services.log.warn({ err: error }, 'the database does not answer');
    return readiness('unreachable', 'unknown', 'unknown');
  }
}

function readiness(
  database: Readiness['checks']['database'],
  migrations: Readiness['checks']['migrations'],
  worker: Readiness['checks']['worker'],
): Readiness {
  const isReady = database === 'ok' && migrations === 'ok' && worker === 'ok';
  return { isReady, checks: { database, migrations, worker } };
}
