import { z } from 'zod';
import { withoutTenant } from '#db/client.ts';
import type { Services } from '../context.ts';
import { isId } from '../ids.ts';
import { membership } from './membership.ts';

const namedMembership = membership.extend({ slug: z.string(), name: z.string() });

export interface ResolvedSession {
  readonly userId: string;
  readonly email: string;
  readonly name: string;
  /** By name; archived organizations are left out. */
  readonly memberships: readonly z.infer<typeof namedMembership>[];
}

/** The person behind a session and where that person is a member; null when the session has ended. */
export async function resolveSession(services: Services, sessionId: string): Promise<ResolvedSession | null> {
  if (!isId(sessionId)) return null;
  const { rows } = await withoutTenant(services.database, (tx) =>
    tx.query<{ user_id: string; email: string; name: string; memberships: unknown }>(
      'select user_id, email, name, memberships from mailroom.resolve_session($1)',
      [sessionId],
    ),
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    userId: row.user_id,
    email: row.email,
    name: row.name,
    memberships: z.array(namedMembership).parse(row.memberships),
  };
}
