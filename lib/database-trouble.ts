/**
 * Why Postgres does not do what it is asked, though nothing is wrong with the request: `away` cannot be reached, ends,
 * starts or refuses the sign-in; `busy` takes no more or took too long; `read_only` is a standby; `full` has no disk left.
 */
export type DatabaseTrouble = 'away' | 'busy' | 'read_only' | 'full';

// SQLSTATE (PostgreSQL, appendix A): class 08 connections, 28 sign-in, 57P01 to 57P05 a server that ends or starts;
// class 53 resources, 57014 a statement's time, 55P03 and class 40 a lock that others hold.
const troubleCodes: readonly (readonly [RegExp, DatabaseTrouble])[] = [
  [/^(?:08\w{3}|28\w{3}|3D000|57P0[1-5])$/, 'away'],
  [/^(?:ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/, 'away'],
  [/^25006$/, 'read_only'],
  [/^53100$/, 'full'],
  [/^(?:53\w{3}|57014|55P03|40001|40P01|25P0[34])$/, 'busy'],
];

// pg has no codes for these. The first is said when every connection of this process is taken.
const troubleTexts: readonly (readonly [RegExp, DatabaseTrouble])[] = [
  [/timeout exceeded when trying to connect/, 'busy'],
  [
    /Connection terminated|is not currently accepting connections|Cannot use a pool|Query read timeout|Client has encountered a connection error/,
    'away',
  ],
];

/** What Postgres suffers from, looking through wrapped errors; null where the error says something else. */
export function databaseTrouble(error: unknown): DatabaseTrouble | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const own =
    troubleCodes.find(([pattern]) => pattern.test(code)) ??
    troubleTexts.find(([pattern]) => pattern.test(error.message));
  if (own !== undefined) return own[1];
  if (error instanceof AggregateError) {
    for (const each of error.errors) {
      const trouble = databaseTrouble(each);
      if (trouble !== null) return trouble;
    }
  }
  return databaseTrouble(error.cause);
}

/** Whether a statement gave up because others hold a row that it needs (`lock_timeout`). */
export function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}

interface TroubleWords {
  /** One sentence for people. */
  readonly sentence: string;
  /** When a caller had better ask again. */
  readonly retryAfterSeconds: number;
}

export const troubleWords: Readonly<Record<DatabaseTrouble, TroubleWords>> = {
  away: { sentence: 'The database does not answer.', retryAfterSeconds: 5 },
  busy: { sentence: 'The database is busy.', retryAfterSeconds: 2 },
  read_only: {
    sentence: 'The database takes no changes at the moment: it is read-only.',
    retryAfterSeconds: 15,
  },
  full: { sentence: 'The disk of the database is full.', retryAfterSeconds: 60 },
};
