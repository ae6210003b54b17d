import type { Transaction } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import type { ConnectionProof } from '../doctor/prove-connection.ts';
import { failedWay } from './proof-schema.ts';
import { nextProofAt } from './proof-times.ts';

export interface ProvedProject {
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly settingsVersion: number;
}

/**
 * Stores what a proof found. A connection that worked and fails, or works again, stands in the audit history too. What
 * was proved by settings that are no longer the current ones is not stored: the next proof is due at once then.
 */
export async function recordProof(
  tx: Transaction,
  ctx: Context,
  project: ProvedProject,
  proof: ConnectionProof,
): Promise<void> {
  const failed = failedWay(proof);
  const { rows } = await tx.query<{ ok: boolean | null }>(
    'select ok from mailroom.connection_proofs where project_id = $1 for update',
    [project.id],
  );
  const before = rows[0]?.ok ?? null;
  const { rowCount } = await tx.query(
    `with current as (
       select id from mailroom.projects where id = $1 and settings_version = $3
     )
     insert into mailroom.connection_proofs as c (project_id, organization_id, settings_version, due_at, proved_at, ok,
       proof, last_ok_at, last_failed_at, failure_code, failure_reply)
     select id, $2, $3, $4, $5, $6, $7, case when $6 then $5::timestamptz end, case when not $6 then $5::timestamptz end,
       $8, $9 from current
     on conflict (project_id) do update set settings_version = excluded.settings_version, due_at = excluded.due_at,
       taken_until = null, proved_at = excluded.proved_at, ok = excluded.ok, proof = excluded.proof,
       last_ok_at = coalesce(excluded.last_ok_at, c.last_ok_at),
       last_failed_at = coalesce(excluded.last_failed_at, c.last_failed_at),
       failure_code = coalesce(excluded.failure_code, c.failure_code),
       failure_reply = case when excluded.failure_code is null then c.failure_reply else excluded.failure_reply end`,
    [
      project.id,
      project.organizationId,
      project.settingsVersion,
      nextProofAt(project.id, new Date(proof.provedAt), proof.ok),
      proof.provedAt,
      proof.ok,
      JSON.stringify(proof),
      failed?.code ?? null,
      failed?.reply ?? null,
    ],
  );
  if (rowCount === 0 || before === null || before === proof.ok) return;
  await recordAudit(tx, ctx, {
    action: proof.ok ? 'connection.recovered' : 'connection.failed',
    projectId: project.id,
    object: { kind: 'connection', id: project.id, label: project.name },
    detail: failed === null ? {} : { ...failed },
  });
}
