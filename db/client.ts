import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import pg from 'pg';

const int8Type = 20;
const byteaType = 17;

// Counters are far below 2^53, so a bigint column reads as a number everywhere. pg has no reader for binary bytea.
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === byteaType && format === 'binary') return (bytes: Buffer) => bytes;
    if (oid === int8Type && format !== 'binary') return Number;
    return pg.types.getTypeParser(oid, format ?? 'text');
  },
};

/** A pool of connections to one Postgres. Nothing keeps state in a session, so a pooler may stand between. */
export interface Database {
  readonly pool: pg.Pool;
  /** A pooler in transaction mode stands between: what is prepared may be gone with the next transaction. */
  readonly isPooled: boolean;
  close(): Promise<void>;
}

/** An open transaction under one role. `orm` for plain selects and writes, `query` where the SQL is the point. */
export interface Transaction {
  readonly orm: NodePgDatabase;
  query<Row extends pg.QueryResultRow>(
    text: string,
    values?: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** As `query`, planned once per connection where no pooler stands between: for what a worker repeats all day. */
  queryPrepared<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /**
   * As `queryPrepared`, with the answer in Postgres's binary format: bytea comes as it is instead of in hex. For text,
   * integer and bytea columns only; cast everything else to text.
   */
  queryBinary<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
  /** As `queryPrepared`, for the last statement: the commit travels with it. Nothing may be asked after it. */
  queryLast<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<Row>>;
}

interface OpenTransaction extends Transaction {
  /** Its commit is said already. */
  readonly isEnded: boolean;
}

export interface DatabaseOptions {
  readonly connectionString: string;
  readonly maxConnections?: number;
  readonly applicationName?: string;
  /** How long a connection may be waited for; 5 s by default. */
  readonly connectTimeoutMs?: number;
  /** Ends a statement of this pool after so long; for pages, never for the drain. */
  readonly statementTimeoutMs?: number;
  /**
   * How long an answer may take before its connection is given up: a host that has vanished sends no word of it, and
   * TCP alone waits a quarter of an hour. Without it there is no end.
   */
  readonly answerTimeoutMs?: number;
  /** Whether a pooler in transaction mode may stand between; by default none does. */
  readonly isPooled?: boolean;
}

export function createDatabase(options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.maxConnections ?? 10,
    application_name: options.applicationName ?? 'mailroom',
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    keepAlive: true,
    // Statements that need not wait for each other's answers share a round trip. Not every pooler can do that.
    pipeline: options.isPooled !== true,
    // What a connection has prepared is gone with it, and planning that anew costs more than to keep it for a minute.
    idleTimeoutMillis: 60_000,
    types,
    ...(options.answerTimeoutMs === undefined ? {} : { query_timeout: options.answerTimeoutMs }),
    ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
  });
  // A connection that the server cuts must not end the process, idle or in use; the next query meets the fault itself.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return { pool, isPooled: options.isPooled ?? false, close: () => pool.end() };
}

export interface TenantScope {
  readonly organizationId: string;
  readonly userId: string | null;
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

// Only UUIDs are ever written into the opening statement, which saves a round trip per transaction.
function literalId(id: string | null): string {
  if (id === null) return "''";
  if (!uuidPattern.test(id)) throw new TypeError('A tenant scope takes UUIDs only');
  return `'${id}'`;
}

/** Runs `work` as the app role, inside the tenant: row-level security shows it that organization's rows only. */
export function withTenant<T>(
  database: Database,
  scope: TenantScope,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const opening =
    'begin; set local role mailroom_app; ' +
    `select set_config('mailroom.organization_id', ${literalId(scope.organizationId)}, true), ` +
    `set_config('mailroom.user_id', ${literalId(scope.userId)}, true)`;
  return inTransaction(database, opening, work);
}

/** Runs `work` as the app role with no tenant: every tenant table is empty, only the definer look-ups answer. */
export function withoutTenant<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return inTransaction(database, 'begin; set local role mailroom_app', work);
}

// A worker that is stopped in mid-transaction keeps its row locks, and nobody could take its lanes over: the server
// ends such a transaction before the worker's lease does. A statement whose answer nobody waits for any more ends too.
const workerOpening =
  'begin; set local role mailroom_worker; set local idle_in_transaction_session_timeout = 4000; ' +
  'set local statement_timeout = 60000';

/** Runs `work` as the worker role: queue, lanes, settings and messages of all tenants, no people. */
export function asWorker<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return inTransaction(database, workerOpening, work);
}

/**
 * As `asWorker`, for statements that touch a batch of rows by their keys. Statistics lag behind a queue that fills and
 * empties in seconds, so plans that read a whole table are ruled out. With `lockWaitMs` a statement that waits longer
 * for a lock fails with `lock_not_available`.
 */
export function asDrain<T>(
  database: Database,
  work: (tx: Transaction) => Promise<T>,
  { lockWaitMs = 0 }: { readonly lockWaitMs?: number } = {},
): Promise<T> {
  const patience = lockWaitMs === 0 ? '' : `; set local lock_timeout = ${Math.round(lockWaitMs)}`;
  const opening = `${workerOpening}; set local enable_seqscan = off; set local jit = off${patience}`;
  return inTransaction(database, opening, work);
}

/** As `asDrain`, for work that only reads: its result does not wait until the transaction has ended. */
export function readAsDrain<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const opening = `${workerOpening}; set local enable_seqscan = off; set local jit = off`;
  return inTransaction(database, opening, work, endUnwatched);
}

/** Runs `work` as the owner of the tables: migrations, the operator's command line, partitions. */
export function asOwner<T>(database: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return inTransaction(database, 'begin', work);
}

async function inTransaction<T>(
  database: Database,
  opening: string,
  work: (tx: Transaction) => Promise<T>,
  end: (client: pg.PoolClient) => Promise<void> = endTransaction,
): Promise<T> {
  const client = await database.pool.connect();
  const opened = client.query(opening);
  // Where the opening fails, so does what follows it, and with less to say.
  opened.catch(() => undefined);
  const transaction = transactionOn(client, database.isPooled);
  try {
    if (database.isPooled) await opened;
    const result = await work(transaction);
    await opened;
    if (transaction.isEnded) client.release();
    else await end(client);
    return result;
  } catch (thrown) {
    const error = await opened.then(
      () => thrown,
      (cause: unknown) => cause,
    );
    if (isUnanswered(error)) client.release(true);
    else if (transaction.isEnded) client.release();
    else await rollBack(client);
    throw error;
  }
}

async function endTransaction(client: pg.PoolClient): Promise<void> {
  await client.query('commit');
  client.release();
}

async function endUnwatched(client: pg.PoolClient): Promise<void> {
  endTransaction(client).catch((error: unknown) => client.release(error instanceof Error ? error : true));
}

// pg gives up waiting, and the server may still be at it: nothing more can be said on that connection.
function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message === 'Query read timeout' || isUnanswered(error.cause);
}

/** One name per statement of the program; the texts are constants, so there are a few dozen. */
const statementNames = new Map<string, string>();

function nameOf(text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const name = `mailroom_${statementNames.size + 1}`;
  statementNames.set(text, name);
  return name;
}

function transactionOn(client: pg.PoolClient, isPooled: boolean): OpenTransaction {
  let isEnded = false;
  let answered: Promise<unknown> = Promise.resolve();
  const ask = <Row extends pg.QueryResultRow>(config: pg.QueryConfig): Promise<pg.QueryResult<Row>> => {
    if (isEnded) throw new Error('The last statement of this transaction was said already');
    if (!isPooled) return client.query<Row>(config);
    const answer = answered.then(() => client.query<Row>(config));
    answered = answer.catch(() => undefined);
    return answer;
  };
  const prepared = (text: string, values: readonly unknown[]): pg.QueryConfig => ({
    text,
    values: [...values],
    ...(isPooled ? {} : { name: nameOf(text) }),
  });
  let orm: NodePgDatabase | undefined;
  return {
    get orm() {
      orm ??= drizzle(client);
      return orm;
    },
    get isEnded() {
      return isEnded;
    },
    query: (text, values) => ask({ text, ...(values === undefined ? {} : { values: [...values] }) }),
    queryPrepared: (text, values) => ask(prepared(text, values)),
    queryBinary: (text, values) => {
      // `binary` is in pg's own documentation and code, and missing in its types.
      const config: pg.QueryConfig & { binary: boolean } = { ...prepared(text, values), binary: true };
      return ask(config);
    },
    queryLast: async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) => {
      const last = ask<Row>(prepared(text, values));
      // After a statement that failed a commit rolls back.
      const committed = ask({ text: 'commit' });
      isEnded = true;
      const [answer] = await Promise.all([last, committed]);
      return answer;
    },
  };
}

async function rollBack(client: pg.PoolClient): Promise<void> {
  try {
    await client.query('rollback');
    client.release();
  } catch (error) {
    client.release(error instanceof Error ? error : true);
  }
}
