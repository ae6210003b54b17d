import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { organizations } from '#db/schema/people.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { invalidField } from '../errors.ts';
import { parseInput } from '../parse-input.ts';

const input = z.strictObject({ project: z.string().max(64).nullable() });

/**
 * Chooses the project through which Mailroom's own notices are sent; null: they are only shown. What was announced and
 * could not be mailed so far goes out by the project then, unless it has ended.
 */
export function setNoticeSender(ctx: Context, given: z.input<typeof input>): Promise<void> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { project: reference } = parseInput(input, given);
    requirePermission(ctx, 'organization.manage', null);
    const project = reference === null ? null : requireActive(await loadProject(tx, ctx, reference));
    if (project?.settingsVersion === null) {
      throw invalidField('noticeProject', 'Set up the mail of this project first; it could send nothing.');
    }
    const [before] = await tx.orm
      .select({ id: organizations.noticeProjectId })
      .from(organizations)
      .where(eq(organizations.id, ctx.organizationId))
      .for('update');
    if (before === undefined || before.id === (project?.id ?? null)) return;
    await tx.orm
      .update(organizations)
      .set({ noticeProjectId: project?.id ?? null })
      .where(eq(organizations.id, ctx.organizationId));
    await recordAudit(tx, ctx, {
      action: 'notices.sender_changed',
      projectId: project?.id ?? null,
      object: { kind: 'project', id: project?.id ?? null, label: project?.name ?? null },
      detail: { before: before.id, after: project?.id ?? null },
    });
  });
}
