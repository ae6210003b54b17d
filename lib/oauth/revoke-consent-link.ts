import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { consentLinks } from '#db/schema/oauth.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';

const input = z.strictObject({ project: z.string() });

/**
 * Ends the open consent link of a project; a consent that was begun by it and not finished ends with it. Throws
 * `wrong_state` where none is open: it was used, has ended, or somebody else was quicker.
 */
export function revokeConsentLink(ctx: Context, given: z.input<typeof input>): Promise<void> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, parseInput(input, given).project);
    requirePermission(ctx, 'connections.consent', project.id);
    const ended = await tx.orm
      .update(consentLinks)
      .set({ revokedAt: sql`mailroom.now()` })
      .where(
        and(
          eq(consentLinks.projectId, project.id),
          isNull(consentLinks.usedAt),
          isNull(consentLinks.revokedAt),
          gt(consentLinks.expiresAt, sql`mailroom.now()`),
        ),
      )
      .returning({ mailbox: consentLinks.mailbox });
    const [link] = ended;
    if (link === undefined) throw new DomainError('wrong_state', 'No link is open any more.');
    await recordAudit(tx, ctx, {
      action: 'oauth.link_revoked',
      projectId: project.id,
      object: { kind: 'connection', id: project.id, label: project.name },
      detail: { account: link.mailbox },
    });
  });
}
