import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { floodSettings } from '#db/schema/pools.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { forgetFloodRules } from './judge-flood.ts';
import { loadFloodRules } from './load-flood-rules.ts';
import { floodThresholds } from './schemas.ts';

const saveInput = z.strictObject({ project: z.string(), thresholds: floodThresholds });
export type SaveFloodSettings = z.input<typeof saveInput>;

/** From when on mail of the project is held as a flood, or that it never is. Other portals know within five seconds. */
export async function saveFloodSettings(ctx: Context, input: SaveFloodSettings): Promise<void> {
  const projectId = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(saveInput, input);
    const project = await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'limits.write', project.id);
    const { thresholds: before } = await loadFloodRules(tx, ctx.organizationId, project.id);
    await tx.orm
      .insert(floodSettings)
      .values({ projectId: project.id, organizationId: ctx.organizationId, ...given.thresholds })
      .onConflictDoUpdate({ target: floodSettings.projectId, set: given.thresholds });
    await recordAudit(tx, ctx, {
      action: 'flood.settings_saved',
      projectId: project.id,
      object: { kind: 'project', id: project.id, label: project.name },
      detail: { before, after: given.thresholds },
    });
    return project.id;
  });
  forgetFloodRules(ctx, projectId);
}
