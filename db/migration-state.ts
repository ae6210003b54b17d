import journal from './migrations/meta/_journal.json' with { type: 'json' };

export const migrationsSchema = 'mailroom_migrations';
export const migrationsTable = 'applied';

/** Number of the newest migration that this code brings. */
export const schemaNumber = Math.max(...journal.entries.map(({ idx }) => idx));

/**
 * How the database stands to this code: `behind` wants migrations; `ahead` was migrated by a newer Mailroom, and this
 * code may go on; `outdated` says that what this code needs was taken away.
 */
export type MigrationState = 'current' | 'behind' | 'ahead' | 'outdated';

interface Queryable {
  query(text: string): Promise<{ rows: readonly Record<string, unknown>[] }>;
}

/** Compares the migrations that this code brings with those that the database has had. */
export async function migrationState(connection: Queryable): Promise<MigrationState> {
  const newest = Math.max(...journal.entries.map((entry) => entry.when));
  const table = await connection.query(
    `select to_regclass('${migrationsSchema}.${migrationsTable}') as name`,
  );
  if (table.rows[0]?.['name'] === null) return 'behind';
  const applied = await connection.query(
    `select coalesce(max(created_at), 0)::float8 as newest from ${migrationsSchema}.${migrationsTable}`,
  );
  const reached = Number(applied.rows[0]?.['newest']);
  if (reached < newest) return 'behind';
  if (reached === newest) return 'current';
  const { rows } = await connection.query('select oldest_schema from mailroom.installation');
  return Number(rows[0]?.['oldest_schema'] ?? 0) > schemaNumber ? 'outdated' : 'ahead';
}
