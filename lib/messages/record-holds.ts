import type { Transaction } from '#db/client.ts';
import { messageEvents } from '#db/schema/messages.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import type { HoldReason } from '../policy/hold-reasons.ts';

const heldBy = 'Mailroom';

export interface HeldAtAccept {
  /** One id for each envelope. */
  readonly ids: readonly string[];
  readonly reason: HoldReason;
}

/** Writes into the histories of mails that were held as they came in why they are, in the transaction that stores them. */
export async function recordHolds(
  tx: Transaction,
  ctx: Context,
  projectId: string,
  held: readonly HeldAtAccept[],
): Promise<void> {
  if (held.length === 0) return;
  await tx.orm.insert(messageEvents).values(
    held.flatMap(({ ids, reason }) =>
      ids.map((messageId) => ({
        id: newId(),
        organizationId: ctx.organizationId,
        projectId,
        messageId,
        kind: 'held',
        actorLabel: heldBy,
        detail: { reason },
      })),
    ),
  );
}
