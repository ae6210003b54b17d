import { and, desc, eq } from 'drizzle-orm';
import { withTenant } from '#db/client.ts';
import { floodAllowances } from '#db/schema/pools.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import type { FloodRule, FloodThresholds } from '../policy/flood.ts';
import { loadFloodRules, readBusiestHour } from './load-flood-rules.ts';

export interface FloodAllowanceView {
  readonly shape: string;
  readonly rule: FloodRule;
  readonly label: string;
  /** Null: for ever. */
  readonly until: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
}

export interface FloodView {
  readonly thresholds: FloodThresholds;
  /** Mails in the busiest hour of the last seven days; null: too little is known, so nothing is a surge. */
  readonly busiestHour: number | null;
  /** What people let through, the newest first; those that have ended are left out. */
  readonly allowances: readonly FloodAllowanceView[];
}

/** From when on mail of the project is held as a flood, and what people let through. */
export function readFlood(ctx: Context, { project: reference }: { project: string }): Promise<FloodView> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'limits.read', project.id);
    const { thresholds } = await loadFloodRules(tx, ctx.organizationId, project.id);
    const rows = await tx.orm
      .select()
      .from(floodAllowances)
      .where(
        and(
          eq(floodAllowances.organizationId, ctx.organizationId),
          eq(floodAllowances.projectId, project.id),
        ),
      )
      .orderBy(desc(floodAllowances.createdAt), floodAllowances.shape);
    const now = ctx.clock.now();
    return {
      thresholds,
      busiestHour: await readBusiestHour(tx, project.id),
      allowances: rows
        .filter(({ until }) => until === null || until > now)
        .map(({ shape, rule, label, until, createdAt, createdBy }) => ({
          shape,
          rule,
          label,
          until: until?.toISOString() ?? null,
          createdAt: createdAt.toISOString(),
          createdBy,
        })),
    };
  });
}
