import type { Transaction } from '#db/client.ts';
import { auditEntries } from '#db/schema/audit.ts';
import { type Context, actorId, actorLabel } from '../context.ts';
import { newId } from '../ids.ts';

export interface AuditEvent {
  /** Noun and verb in the past: "mail_settings.saved". */
  readonly action: string;
  readonly projectId: string | null;
  readonly object: { readonly kind: string; readonly id: string | null; readonly label: string | null };
  /** What changed, without secrets. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Writes the entry into the transaction of the change itself: both stand or neither does. */
export async function recordAudit(tx: Transaction, ctx: Context, event: AuditEvent): Promise<void> {
  await tx.orm.insert(auditEntries).values({
    id: newId(),
    organizationId: ctx.organizationId,
    projectId: event.projectId,
    actorKind: ctx.actor.kind,
    actorId: actorId(ctx.actor),
    actorLabel: actorLabel(ctx.actor),
    sourceIp: ctx.source.ip,
    userAgent: ctx.source.userAgent,
    action: event.action,
    objectKind: event.object.kind,
    objectId: event.object.id,
    objectLabel: event.object.label,
    detail: event.detail ?? {},
  });
}
