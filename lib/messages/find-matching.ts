import { and, asc, eq, gt, notInArray, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { filterConditions, type MessageFilters } from './list-messages.ts';

interface MatchOptions {
  readonly most: number;
  /** Only those that wait for a time which has not come. */
  readonly isLater?: boolean;
}

const later = sql`coalesce(${messages.nextAttemptAt}, ${messages.sendAt}) > mailroom.now()`;

/** The oldest messages of the project that match, at most `most`, behind the one named: for actions on all of them. */
export async function findMessageIds(
  tx: Transaction,
  projectId: string,
  filters: MessageFilters,
  { most, after = null, isLater = false }: MatchOptions & { readonly after?: string | null },
): Promise<readonly string[]> {
  const rows = await tx.orm
    .select({ id: messages.id })
    .from(messages)
    .where(
      and(
        eq(messages.projectId, projectId),
        after === null ? undefined : gt(messages.id, after),
        isLater ? later : undefined,
        ...(await filterConditions(tx, projectId, filters)),
      ),
    )
    .orderBy(asc(messages.id))
    .limit(most);
  return rows.map(({ id }) => id);
}

/** How many messages of the project match, but for these. */
export async function countMatching(
  tx: Transaction,
  projectId: string,
  filters: MessageFilters,
  { most, except = [], isLater = false }: MatchOptions & { readonly except?: readonly string[] },
): Promise<number> {
  const matching = tx.orm
    .select({ one: sql`1` })
    .from(messages)
    .where(
      and(
        eq(messages.projectId, projectId),
        except.length === 0 ? undefined : notInArray(messages.id, [...except]),
        isLater ? later : undefined,
        ...(await filterConditions(tx, projectId, filters)),
      ),
    )
    .limit(most);
  const [row] = await tx.orm.select({ count: sql<number>`count(*)::int` }).from(matching.as('matching'));
  return row?.count ?? 0;
}
