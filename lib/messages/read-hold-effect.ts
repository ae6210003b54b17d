import { and, eq, gt, inArray, notInArray, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { filterConditions } from './list-messages.ts';
import { messageActions } from './message-actions.ts';
import { actionFilter, type MessageSelection } from './message-selection.ts';
import { isoOrNull } from './present-message.ts';

/** What holding messages comes to, beside their number. */
export interface HoldEffect {
  /** Mails of the project that are in the backlog already. */
  readonly inBacklog: number;
  /** Of the messages to hold, those whose expiry time goes on while they are held. */
  readonly expiring: number;
  /** When the first of them expires, as an ISO instant. */
  readonly firstExpiryAt: string | null;
}

export async function readHoldEffect(
  tx: Transaction,
  projectId: string,
  { selection, asOf }: { readonly selection: MessageSelection; readonly asOf: string },
): Promise<HoldEffect> {
  const { rows } = await tx.query<{ mails: number }>(
    `select coalesce(sum(mails), 0)::float8 as mails from mailroom.held_counts
     where project_id = $1 and state = 'backlog'`,
    [projectId],
  );
  return { inBacklog: rows[0]?.mails ?? 0, ...(await readExpiry(tx, projectId, selection, asOf)) };
}

async function readExpiry(tx: Transaction, projectId: string, selection: MessageSelection, asOf: string) {
  const chosen = await chosenConditions(tx, projectId, selection, asOf);
  if (chosen === null) return { expiring: 0, firstExpiryAt: null };
  const [row] = await tx.orm
    .select({
      expiring: sql<number>`count(*)::int`,
      first: sql<Date | null>`min(${messages.expiresAt})`.mapWith(messages.expiresAt),
    })
    .from(messages)
    .where(and(eq(messages.projectId, projectId), gt(messages.expiresAt, sql`mailroom.now()`), ...chosen));
  return { expiring: row?.expiring ?? 0, firstExpiryAt: isoOrNull(row?.first ?? null) };
}

async function chosenConditions(
  tx: Transaction,
  projectId: string,
  selection: MessageSelection,
  asOf: string,
) {
  if ('ids' in selection) {
    return [inArray(messages.id, selection.ids), inArray(messages.state, [...messageActions.hold.states])];
  }
  const filter = actionFilter('hold', selection.filter, asOf);
  if (filter === null) return null;
  const { except = [] } = selection;
  return [
    except.length === 0 ? undefined : notInArray(messages.id, except),
    ...(await filterConditions(tx, projectId, filter)),
  ];
}
