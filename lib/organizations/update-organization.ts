import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { organizations } from '#db/schema/people.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { changeCalendar } from '../limits/change-calendar.ts';
import { parseInput } from '../parse-input.ts';
import { name, timeZone } from './slugs.ts';

const updateInput = z.strictObject({ name: name('organization').optional(), timeZone: timeZone.optional() });
export type UpdateOrganization = z.input<typeof updateInput>;

export interface OrganizationView {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly timeZone: string;
}

/**
 * Changes the organization's name or time zone; what is left out stays. Its limits take a new zone when the running
 * window ends (PRODUCT 5.2).
 */
export function updateOrganization(ctx: Context, input: UpdateOrganization): Promise<OrganizationView> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'organization.manage', null);
    const given = parseInput(updateInput, input);
    const [before] = await tx.orm
      .select()
      .from(organizations)
      .where(eq(organizations.id, ctx.organizationId))
      .for('update');
    if (before === undefined) throw new DomainError('not_found', 'There is no such organization.');
    const after = { name: given.name ?? before.name, timeZone: given.timeZone ?? before.timeZone };
    if (after.name !== before.name || after.timeZone !== before.timeZone) {
      if (after.timeZone !== before.timeZone) {
        await changeCalendar(tx, before.id, { timeZone: after.timeZone });
      }
      await tx.orm.update(organizations).set(after).where(eq(organizations.id, before.id));
      await recordAudit(tx, ctx, {
        action: 'organization.updated',
        projectId: null,
        object: { kind: 'organization', id: before.id, label: after.name },
        detail: { before: { name: before.name, timeZone: before.timeZone }, after },
      });
    }
    return { id: before.id, slug: before.slug, ...after };
  });
}
