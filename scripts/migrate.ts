// `npm run migrate`: brings the database that DATABASE_DIRECT_URL or DATABASE_URL names up to this code.
import { MigrationBlockedError } from '#db/apply-migrations.ts';
import { migrateDatabase, NewerDatabaseError } from '#db/migrate.ts';
import { EnvironmentError, readEnvironment } from '#lib/env.ts';

try {
  const { databaseDirectUrl } = readEnvironment(process.env);
  if (databaseDirectUrl === null) {
    throw new EnvironmentError(['DATABASE_URL is not set; it says which Postgres to migrate.']);
  }
  await migrateDatabase(databaseDirectUrl, say);
  say('The database is up to date.');
} catch (error) {
  const isKnown =
    error instanceof EnvironmentError ||
    error instanceof NewerDatabaseError ||
    error instanceof MigrationBlockedError;
  if (!isKnown) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
