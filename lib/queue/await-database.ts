import { setTimeout as pause } from 'node:timers/promises';
import { asOwner, asWorker } from '#db/client.ts';
import { migrationState } from '#db/migration-state.ts';
import type { Log, Services } from '#lib/context.ts';
import { databaseTrouble, troubleWords } from '#lib/database-trouble.ts';

const firstWaitMs = 250;
const longestWaitMs = 5000;

/**
 * Does `work`, and tries again while the database is away, busy, read-only or full. Says so once for each cause.
 * Null when `signal` ends the waiting; any other failure is thrown.
 */
export async function untilAnswered<T>(
  work: () => Promise<T>,
  { log, signal }: { readonly log: Log; readonly signal: AbortSignal },
): Promise<T | null> {
  let said = '';
  for (let waitMs = firstWaitMs; !signal.aborted; waitMs = Math.min(2 * waitMs, longestWaitMs)) {
    try {
      return await work();
    } catch (error) {
      const trouble = databaseTrouble(error);
      if (trouble === null) throw error;
      const { sentence } = troubleWords[trouble];
      if (said !== sentence) log.warn({ err: error }, `${sentence} The worker waits and tries again.`);
      said = sentence;
    }
    await pause(waitMs, undefined, { signal }).catch(() => undefined);
  }
  return null;
}

/** Thrown where this code may not work on the database's schema; the sentence is for whoever starts it. */
export class OutdatedCodeError extends Error {
  constructor() {
    super(
      'This worker is older than the database: a newer Mailroom took away what it needs. Start that version, or a later one.',
    );
    this.name = 'OutdatedCodeError';
  }
}

/**
 * Waits until the database answers with a schema that this code can work on: one that a newer Mailroom has migrated
 * will do, unless that one ruled older workers out. False when `signal` ends the waiting.
 */
export async function awaitSchema(services: Services, signal: AbortSignal): Promise<boolean> {
  const { database, log } = services;
  let isSaid = false;
  for (;;) {
    const state = await untilAnswered(
      () => asOwner(database, (tx) => migrationState({ query: (text) => tx.query(text) })),
      { log, signal },
    );
    if (state === null) return false;
    if (state === 'outdated') throw new OutdatedCodeError();
    if (state !== 'behind') {
      if (state === 'ahead') log.info({}, 'a newer Mailroom has migrated the database; this worker goes on');
      return true;
    }
    if (!isSaid)
      log.warn({}, 'The database wants migrations: run "npm run migrate". The worker waits for them.');
    isSaid = true;
    await pause(2000, undefined, { signal }).catch(() => undefined);
  }
}

/** Makes the partitions of the coming months where they are missing. */
export async function ensurePartitions({ database }: Services): Promise<void> {
  await asWorker(database, (tx) => tx.query('select mailroom.ensure_partitions()'));
}
