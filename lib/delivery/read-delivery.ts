import { type Transaction, withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { loadCurrentDocument } from '../settings/load-settings.ts';
import { defaultRetrySchedule } from '../settings/schemas.ts';
import { lookAbility, type LookAbility } from './look-ability.ts';
import type { DeliveryRules } from './schemas.ts';

export interface DeliveryView {
  /** The version of the mail settings that they stand in; null: not set up, and the default holds. */
  readonly version: number | null;
  readonly rules: DeliveryRules;
  /** Null while the project is not set up. */
  readonly looks: LookAbility | null;
  /** Mails whose outcome is uncertain now. */
  readonly uncertain: number;
  readonly canWrite: boolean;
}

export const defaultDeliveryRules: DeliveryRules = { retry: defaultRetrySchedule, uncertain: 'resend' };

/** How the project's mail is tried again, and what becomes of mail in doubt. */
export function readDelivery(
  ctx: Context,
  { project: reference }: { project: string },
): Promise<DeliveryView> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.read', project.id);
    const document = await loadCurrentDocument(tx, project);
    return {
      version: project.settingsVersion,
      rules:
        document === null
          ? defaultDeliveryRules
          : { retry: document.sending.retry, uncertain: document.sending.uncertain },
      looks: document === null ? null : lookAbility(document),
      uncertain: await countUncertain(tx, project.id),
      canWrite: can(ctx.actor, 'settings.write', project.id) && project.archivedAt === null,
    };
  });
}

async function countUncertain(tx: Transaction, projectId: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from mailroom.messages where project_id = $1 and state = 'uncertain'`,
    [projectId],
  );
  return rows[0]?.count ?? 0;
}
