import type { Transaction } from '#db/client.ts';
import { secrets } from '#db/schema/projects.ts';
import { actorLabel, type Context } from '../context.ts';
import { newId } from '../ids.ts';
import { type SecretPurpose, secretPurposes } from './field-rule.ts';
import type { SecretPlan, SecretPlans } from './plan-secrets.ts';

/** What a sealed secret is authenticated with: it opens for this project and purpose only. */
export function secretBinding(owner: {
  organizationId: string;
  projectId: string;
  purpose: SecretPurpose;
}): string {
  return `${owner.organizationId}/${owner.projectId}/${owner.purpose}`;
}

/** Writes the new secrets of a plan and answers with the row that each purpose has from now on. */
export async function sealSecrets(
  tx: Transaction,
  ctx: Context,
  projectId: string,
  plans: SecretPlans,
): Promise<Record<SecretPurpose, string | null>> {
  const ids: Record<SecretPurpose, string | null> = {
    password: null,
    alternate_password: null,
    proxy_password: null,
    client_secret: null,
    private_key: null,
  };
  for (const purpose of secretPurposes) {
    ids[purpose] = await applyPlan(tx, ctx, { projectId, purpose, plan: plans[purpose] });
  }
  return ids;
}

async function applyPlan(
  tx: Transaction,
  ctx: Context,
  { projectId, purpose, plan }: { projectId: string; purpose: SecretPurpose; plan: SecretPlan },
): Promise<string | null> {
  switch (plan.kind) {
    case 'none':
      return null;
    case 'keep':
      return plan.secretId;
    case 'seal': {
      const id = newId();
      const binding = secretBinding({ organizationId: ctx.organizationId, projectId, purpose });
      await tx.orm.insert(secrets).values({
        id,
        organizationId: ctx.organizationId,
        projectId,
        purpose,
        createdBy: actorLabel(ctx.actor),
        ...ctx.keyring.seal(plan.value, binding),
      });
      return id;
    }
    default:
      return plan satisfies never;
  }
}
