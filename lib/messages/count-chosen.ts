import type { Transaction } from '#db/client.ts';
import { countMatching } from './find-matching.ts';
import type { MessageRunKind } from './labels.ts';
import { messageActions } from './message-actions.ts';
import { actionFilter, type MessageSelection } from './message-selection.ts';

const mostCounted = 2_000_000;

/** How many messages were chosen, and (`mails`) to how many of them this can be done as they stand. */
export async function countChosen(
  tx: Transaction,
  projectId: string,
  asked: {
    readonly kind: MessageRunKind;
    readonly selection: MessageSelection;
    readonly asOf: string;
  },
): Promise<{ readonly mails: number; readonly chosen: number }> {
  const { kind, selection, asOf } = asked;
  if ('ids' in selection) {
    const chosen = selection.ids.length;
    return { mails: await countStanding(tx, projectId, kind, selection.ids), chosen };
  }
  const filter = actionFilter(kind, selection.filter, asOf);
  if (filter === null) return { mails: 0, chosen: 0 };
  const mails = await countMatching(tx, projectId, filter, {
    most: mostCounted,
    isLater: kind === 'try_now',
    except: selection.except ?? [],
  });
  return { mails, chosen: mails };
}

async function countStanding(
  tx: Transaction,
  projectId: string,
  kind: MessageRunKind,
  ids: readonly string[],
): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from mailroom.messages
     where id = any ($1::uuid[]) and project_id = $2 and state = any ($3::text[])
       and (not $4::boolean or coalesce(next_attempt_at, send_at) > mailroom.now())`,
    [ids, projectId, messageActions[kind].states, kind === 'try_now'],
  );
  return rows[0]?.count ?? 0;
}
