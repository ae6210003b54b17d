import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { createGraphSlots } from '../graph-slots/graph-slots.ts';
import { parseInput } from '../parse-input.ts';
import { proveProject } from './prove-project.ts';
import { type ProvedProject, recordProof } from './record-proof.ts';

const input = z.strictObject({ project: z.string().max(64) });
const longestMs = 90_000;

/**
 * Proves the saved connection of a project while a person waits. Throws `not_set_up` without settings, and `unavailable`
 * where it took longer than a person waits; what the server says is the proof.
 */
export async function proveConnectionNow(
  ctx: Context,
  given: z.input<typeof input>,
): Promise<{ readonly ok: boolean }> {
  const project = await begin(ctx, parseInput(input, given).project);
  const slots = createGraphSlots(ctx.database);
  const proof = await proveProject(ctx, slots, project, AbortSignal.timeout(longestMs));
  await slots.settled();
  if (proof === null) {
    throw new DomainError(
      'unavailable',
      'The server did not answer within 90 s. It is proved again by itself.',
    );
  }
  await withTenant(ctx.database, tenantScope(ctx), (tx) => recordProof(tx, ctx, project, proof));
  return { ok: proof.ok };
}

/** Audited before the server is asked, so that whoever makes Mailroom connect leaves a trace. */
function begin(ctx: Context, reference: string): Promise<ProvedProject> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = requireActive(await loadProject(tx, ctx, reference));
    requirePermission(ctx, 'settings.test', project.id);
    if (project.settingsVersion === null) {
      throw new DomainError('not_set_up', 'The mail settings of this project are not set up.');
    }
    const { id, organizationId, name, settingsVersion } = project;
    await recordAudit(tx, ctx, {
      action: 'connection.proved',
      projectId: id,
      object: { kind: 'connection', id, label: name },
      detail: { version: settingsVersion },
    });
    return { id, organizationId, name, settingsVersion };
  });
}
