import { createDatabase, type Database } from '#db/client.ts';
import { endWithFile } from '#tests/support/file-endings.ts';

/** Connections to the same database whose clock stands elsewhere: the offset is an interval such as "25 hours". */
export function atOffset(connectionString: string, offset: string): Database {
  const address = new URL(connectionString);
  address.searchParams.set('options', `-c mailroom.clock_offset=${offset.replaceAll(' ', '\\ ')}`);
  const database = createDatabase({ connectionString: address.href, maxConnections: 4 });
  endWithFile(() => database.close());
  return database;
}

/** As `atOffset`, at an instant: it is this time now, and goes on from there. */
export function atInstant(connectionString: string, instant: string): Database {
  return atOffset(connectionString, `${Math.round(Date.parse(instant) - Date.now())} milliseconds`);
}
