// `npm run migrate`: brings the database that DATABASE_DIRECT_URL or DATABASE_URL names up to this code.
import { migrateDatabase, NewerDatabaseError } from '#db/migrate.ts';
import { EnvironmentError, readEnvironment } from '#lib/env.ts';

try {
  const { databaseDirectUrl } = readEnvironment(process.env);
  if (databaseDirectUrl === null) {
    throw new EnvironmentError(['DATABASE_URL is not set; it says which Postgres to migrate.']);
  }
  await migrateDatabase(databaseDirectUrl);
  process.stdout.write('The database is up to date.\n');
} catch (error) {
  if (!(error instanceof EnvironmentError || error instanceof NewerDatabaseError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
