import type { Transaction } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import type { Context } from '../context.ts';
import { DomainError } from '../errors.ts';
import { type Protocol, protocolLabels, readScopeReference } from './limit-scope.ts';
import type { LimitNumbers } from './limits-view.ts';

export interface LimitScope extends LimitNumbers {
  /** The row's, not the reference that verbs take. */
  readonly id: string;
  readonly protocol: Protocol | null;
  readonly projectId: string | null;
  readonly label: string;
}

/**
 * The scope that a reference names, where the actor may do this to it; with `locked`, marks that count in it wait until
 * the transaction ends. Throws `not_found` or `forbidden`.
 */
export async function loadScope(
  tx: Transaction,
  ctx: Context,
  reference: string,
  { permission, locked = false }: { permission: 'limits.read' | 'limits.write'; locked?: boolean },
): Promise<LimitScope> {
  const named = readScopeReference(reference);
  const project = named.kind === 'project' ? await loadProject(tx, ctx, named.project) : null;
  requirePermission(ctx, permission, project?.id ?? null);
  const protocol = named.kind === 'protocol' ? named.protocol : null;
  const { rows } = await tx.query<LimitScope>(
    `select id, protocol, project_id as "projectId", mails_per_day as "mailsPerDay",
       recipients_per_mail as "recipientsPerMail", high_reserve as "highReserve", '' as label
     from mailroom.limit_scopes
     where organization_id = $1 and project_id is not distinct from $2 and protocol is not distinct from $3
     ${locked ? 'for no key update' : ''}`,
    [ctx.organizationId, project?.id ?? null, protocol],
  );
  const [row] = rows;
  if (row === undefined) throw new DomainError('not_found', 'There is no such limit.');
  return { ...row, label: project?.name ?? (protocol === null ? '' : protocolLabels[protocol]) };
}
