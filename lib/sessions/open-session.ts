import type { Transaction } from '#db/client.ts';
import { newId } from '../ids.ts';
import { sessionLifetimeSeconds } from './session-lifetime.ts';
import type { Source } from './source.ts';

const maxUserAgent = 400;

/** Opens a session for a person whose identity the caller has proved, in the transaction that proved it. */
export async function openSession(
  tx: Transaction,
  { userId, source }: { userId: string; source: Source },
): Promise<string> {
  const sessionId = newId();
  await tx.query('select mailroom.open_session($1, $2, $3, $4, make_interval(secs => $5))', [
    sessionId,
    userId,
    source.ip,
    source.userAgent?.slice(0, maxUserAgent) ?? null,
    sessionLifetimeSeconds,
  ]);
  return sessionId;
}
