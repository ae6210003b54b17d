import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { organizations } from '#db/schema/people.ts';
import { requirePermission } from '../access/can.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { timeZone } from '../organizations/slugs.ts';
import { parseInput } from '../parse-input.ts';
import { type Calendar, changeCalendar } from './change-calendar.ts';
import { type SaveLimitCalendar, windowKinds } from './limits-view.ts';

const calendarInput = z.strictObject({ kind: z.enum(windowKinds).optional(), timeZone: timeZone.optional() });

/**
 * Changes how a day is cut: at midnight of a time zone, or as the last 24 hours. It begins when the running window ends;
 * the organization's time zone, by which pages show days, changes at once.
 */
export function saveLimitCalendar(ctx: Context, input: SaveLimitCalendar): Promise<Calendar> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'limits.write', null);
    const given = parseInput(calendarInput, input);
    const [organization] = await tx.orm
      .select({ timeZone: organizations.timeZone })
      .from(organizations)
      .where(eq(organizations.id, ctx.organizationId))
      .for('update');
    const { before, after } = await changeCalendar(tx, ctx.organizationId, {
      ...(given.kind === undefined ? {} : { kind: given.kind }),
      ...(given.timeZone === undefined ? {} : { timeZone: given.timeZone }),
    });
    const isSame = before.kind === after.kind && before.timeZone === after.timeZone;
    if (isSame && organization?.timeZone === after.timeZone) return after;
    await tx.orm
      .update(organizations)
      .set({ timeZone: after.timeZone })
      .where(eq(organizations.id, ctx.organizationId));
    await recordAudit(tx, ctx, {
      action: 'limits.calendar_saved',
      projectId: null,
      object: { kind: 'organization', id: ctx.organizationId, label: null },
      detail: { before, after },
    });
    return after;
  });
}
