import { asOwner, type Database } from '#db/client.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import type { Context } from '#lib/context.ts';

/** Accepts a message and answers with its id; fails where it is a dry run. */
export async function accepted(ctx: Context, project: string, input: object): Promise<string> {
  const answer = await acceptMessage(ctx, project, input);
  if (answer.kind !== 'accepted') throw new Error('not accepted');
  return answer.message.id;
}

/** What a worker would have made of a message: a finished state and results of its recipients. */
export async function settle(
  database: Database,
  id: string,
  state: 'sent' | 'failed' | 'captured',
  recipients: 'accepted' | 'refused' | 'captured',
): Promise<void> {
  await asOwner(database, async (tx) => {
    await tx.query('delete from mailroom.queue_entries where message_id = $1', [id]);
    await tx.query('update mailroom.messages set state = $2, state_at = mailroom.now() where id = $1', [
      id,
      state,
    ]);
    await tx.query('update mailroom.recipients set state = $2 where message_id = $1', [id, recipients]);
  });
}

export async function sqlRows<Row extends Record<string, unknown>>(
  database: Database,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const { rows } = await asOwner(database, (tx) => tx.query<Row>(text, values));
  return rows;
}
