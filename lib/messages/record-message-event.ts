import type { Transaction } from '#db/client.ts';
import { messageEvents } from '#db/schema/messages.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context } from '../context.ts';
import { newId } from '../ids.ts';
import type { MessageRow } from './present-message.ts';

export type MessageEventKind =
  | 'cancelled'
  | 'tried_now'
  | 'resent'
  | 'released'
  | 'marked_sent'
  | 'marked_failed'
  | 'sent_again';

/** What a person did to a message: into its own history and the audit history, in the transaction of the change. */
export async function recordMessageEvent(
  tx: Transaction,
  ctx: Context,
  message: Pick<MessageRow, 'id' | 'projectId' | 'subject'>,
  kind: MessageEventKind,
  detail: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  await tx.orm.insert(messageEvents).values({
    id: newId(),
    organizationId: ctx.organizationId,
    projectId: message.projectId,
    messageId: message.id,
    kind,
    actorLabel: actorLabel(ctx.actor),
    detail,
  });
  await recordAudit(tx, ctx, {
    action: `message.${kind}`,
    projectId: message.projectId,
    object: { kind: 'message', id: message.id, label: message.subject },
    detail,
  });
}
