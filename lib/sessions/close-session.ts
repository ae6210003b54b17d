import { withoutTenant } from '#db/client.ts';
import type { Services } from '../context.ts';

/** Ends a session at once; one that has ended stays ended. */
export async function closeSession(services: Services, sessionId: string): Promise<void> {
  await withoutTenant(services.database, (tx) => tx.query('select mailroom.close_session($1)', [sessionId]));
}
