import { and, eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { floodAllowances } from '#db/schema/pools.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { forgetFloodRules } from './judge-flood.ts';

const endInput = z.strictObject({ project: z.string(), shape: z.string().max(100) });

/** Takes "is fine, let through" back: mail of this shape is counted as any other again. */
export async function endFloodAllowance(ctx: Context, input: z.input<typeof endInput>): Promise<void> {
  const projectId = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(endInput, input);
    const project = await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'backlog.write', project.id);
    const [ended] = await tx.orm
      .delete(floodAllowances)
      .where(and(eq(floodAllowances.projectId, project.id), eq(floodAllowances.shape, given.shape)))
      .returning();
    if (ended === undefined) throw new DomainError('not_found', 'This is let through no more.');
    await recordAudit(tx, ctx, {
      action: 'flood.allowance_ended',
      projectId: project.id,
      object: { kind: 'flood_shape', id: null, label: ended.label },
      detail: { shape: ended.shape, rule: ended.rule, until: ended.until },
    });
    return project.id;
  });
  forgetFloodRules(ctx, projectId);
}
