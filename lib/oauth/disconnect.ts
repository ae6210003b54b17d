import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { endGrant } from './grant-store.ts';
import { loadOauth } from './load-oauth.ts';

const disconnectInput = z.strictObject({ project: z.string() });

/**
 * Ends the consent on our side: both tokens are destroyed at once, and mail waits until somebody consents again. The
 * provider is not told; there the account can withdraw the app.
 */
export function disconnect(ctx: Context, input: z.input<typeof disconnectInput>): Promise<void> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(disconnectInput, input);
    const project = await loadProject(tx, ctx, given.project);
    requirePermission(ctx, 'connections.consent', project.id);
    const { owner, settings } = await loadOauth(tx, ctx, project);
    await endGrant(tx, owner);
    await recordAudit(tx, ctx, {
      action: 'oauth.disconnected',
      projectId: project.id,
      object: { kind: 'connection', id: project.id, label: project.name },
      detail: { account: settings.account },
    });
  });
}
