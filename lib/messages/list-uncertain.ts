import { withTenant } from '#db/client.ts';
import type { z } from 'zod';
import { type Context, tenantScope } from '../context.ts';
import { listMessages, type listMessagesInput, type MessagePage } from './list-messages.ts';
import type { MessageListItem } from './present-message.ts';

/** A mail of which nobody knows whether it arrived, with what is known of the try that put it in doubt. */
export interface UncertainItem extends MessageListItem {
  /** How far that try had come; null where it was not written down. */
  readonly stage: string | null;
}

export interface UncertainPage extends Omit<MessagePage, 'messages'> {
  readonly messages: readonly UncertainItem[];
}

/** A page of the project's uncertain mails, newest first. */
export async function listUncertain(
  ctx: Context,
  input: Omit<z.input<typeof listMessagesInput>, 'state'>,
): Promise<UncertainPage> {
  const page = await listMessages(ctx, { ...input, state: ['uncertain'] });
  const stages = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { rows } = await tx.query<{ id: string; stage: string | null }>(
      `select m.id, a.stage from unnest($1::uuid[]) as m (id) cross join lateral (
         select a.stage from mailroom.attempts a
         where a.message_id = m.id and a.outcome = 'uncertain' order by a.id desc limit 1) a`,
      [page.messages.map(({ id }) => id)],
    );
    return new Map(rows.map(({ id, stage }) => [id, stage]));
  });
  return {
    ...page,
    messages: page.messages.map((message) => ({ ...message, stage: stages.get(message.id) ?? null })),
  };
}
