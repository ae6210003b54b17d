import pg from 'pg';

/** Whether Postgres refused a write because of this unique constraint or index; drizzle wraps the driver's error. */
export function isUniqueViolation(error: unknown, constraint: string): boolean {
  if (error instanceof pg.DatabaseError) return error.code === '23505' && error.constraint === constraint;
  return error instanceof Error && error.cause !== undefined && isUniqueViolation(error.cause, constraint);
}
