import type { Transaction } from '#db/client.ts';
import { recordAudit } from '#lib/audit/record-audit.ts';
import type { Context } from '#lib/context.ts';
import { announce } from '#lib/notices/announce.ts';
import type { Announcement } from '#lib/notices/announcement.ts';
import type { Fault } from '#lib/transports/contract.ts';

/** What happens to a lane by itself and people hear of. */
export type LaneEvent =
  | 'lane.stopped'
  | 'lane.switched_to_alternate'
  | 'lane.both_down'
  | 'lane.alternate_answers'
  | 'lane.reconnected_to_primary';

/**
 * Writes it into the history of the project, and what its people are told by mail, in the transaction of the change
 * itself.
 */
export async function tellLane(
  tx: Transaction,
  ctx: Context,
  projectId: string,
  event: {
    readonly action: LaneEvent;
    readonly detail: Readonly<Record<string, unknown>>;
    readonly told?: Announcement | null;
  },
): Promise<void> {
  const { rows } = await tx.query<{ name: string }>('select name from mailroom.projects where id = $1', [
    projectId,
  ]);
  await recordAudit(tx, ctx, {
    action: event.action,
    projectId,
    object: { kind: 'project', id: projectId, label: rows[0]?.name ?? null },
    detail: event.detail,
  });
  const { told } = event;
  if (told !== undefined && told !== null) {
    await announce(tx, { ...told, organizationId: ctx.organizationId, projectId });
  }
}

export function faultDetail(fault: Fault): Readonly<Record<string, unknown>> {
  return { stage: fault.stage, code: fault.code, reply: fault.reply?.text ?? null };
}
