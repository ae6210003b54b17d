import { defineConfig } from 'drizzle-kit';

// For looking at a database with drizzle-kit. Migrations are written by hand in SQL, because roles, policies and
// partitions are beyond what a generator writes; a test holds the schema in code to them.
export default defineConfig({
  dialect: 'postgresql',
  schema: './db/schema/*.ts',
  out: './db/migrations',
  schemaFilter: ['mailroom'],
  dbCredentials: { url: process.env['DATABASE_URL'] ?? '' },
});
