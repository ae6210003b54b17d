import { and, eq, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { apiKeys } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';

const revokeInput = z.strictObject({ project: z.string(), key: z.uuid('Give the id of the key.') });

/** Ends a key for good; its next call is refused. Throws `wrong_state` when it has been revoked already. */
export function revokeKey(ctx: Context, input: { project: string; key: string }): Promise<void> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(revokeInput, input);
    const project = await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'keys.write', project.id);
    const own = and(
      eq(apiKeys.organizationId, ctx.organizationId),
      eq(apiKeys.projectId, project.id),
      eq(apiKeys.id, given.key),
    );
    const [revoked] = await tx.orm
      .update(apiKeys)
      .set({ revokedAt: sql`mailroom.now()`, revokedBy: actorLabel(ctx.actor) })
      .where(and(own, isNull(apiKeys.revokedAt)))
      .returning({ name: apiKeys.name, lastFour: apiKeys.lastFour });
    if (revoked === undefined) {
      const [known] = await tx.orm.select({ id: apiKeys.id }).from(apiKeys).where(own);
      if (known === undefined) throw new DomainError('not_found', 'There is no such key.');
      throw new DomainError('wrong_state', 'This key has been revoked already.');
    }
    await recordAudit(tx, ctx, {
      action: 'key.revoked',
      projectId: project.id,
      object: { kind: 'key', id: given.key, label: revoked.name },
      detail: { lastFour: revoked.lastFour },
    });
  });
}
