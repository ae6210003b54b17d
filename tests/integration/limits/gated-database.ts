import { createDatabase, type Database } from '#db/client.ts';

/**
 * A database of which every statement waits for its turn before it is sent, so that a test decides in which order the
 * transactions of several workers interleave. What a lock makes wait waits in Postgres, as it would.
 */
export function gatedDatabase(
  given: { readonly connectionString: string; readonly offsetMs: number; readonly name: string },
  turn: () => Promise<unknown>,
): Database {
  const address = new URL(given.connectionString);
  address.searchParams.set('options', `-c mailroom.clock_offset=${given.offsetMs}\\ milliseconds`);
  const database = createDatabase({
    connectionString: address.href,
    maxConnections: 2,
    applicationName: given.name,
  });
  database.pool.on('connect', (client) => {
    const send: unknown = Reflect.get(client, 'query');
    if (typeof send !== 'function') throw new TypeError('a client has a query');
    // One connection keeps its order, whoever comes between.
    let before: Promise<unknown> = Promise.resolve();
    Object.defineProperty(client, 'query', {
      value: async (...statement: readonly unknown[]): Promise<unknown> => {
        before = before.then(turn);
        await before;
        return Reflect.apply(send, client, statement);
      },
    });
  });
  return database;
}
