import type { Transaction } from '#db/client.ts';
import type { ProjectRow } from '../access/load-project.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { toDocument, toInput } from './convert.ts';
import { describeChanges } from './describe-changes.ts';
import { openMailSettings } from './open-mail-settings.ts';
import type { SecretPlan } from './plan-secrets.ts';
import { sealSecrets } from './seal-secrets.ts';
import { writeVersion } from './write-version.ts';

/**
 * Gives a new project the settings of another as its version 1, secrets together with their destinations, sealed anew
 * for the new project (PRODUCT 2.1, 2.18). Email debug is not copied. False when the other is not set up.
 */
export async function copyMailSettings(
  tx: Transaction,
  ctx: Context,
  { from, to }: { from: ProjectRow; to: ProjectRow },
): Promise<boolean> {
  if (from.settingsVersion === null) return false;
  const opened = await openMailSettings(tx, ctx.keyring, {
    organizationId: from.organizationId,
    projectId: from.id,
    version: from.settingsVersion,
  });
  const secretIds = await sealSecrets(tx, ctx, to.id, {
    password: planFor(opened.password),
    alternate_password: planFor(opened.alternatePassword),
    proxy_password: planFor(opened.proxyPassword),
    client_secret: planFor(opened.clientSecret),
    private_key: planFor(opened.privateKey),
  });
  // Tokens rotate, so two projects cannot share them: the copy asks for consent of its own.
  const document = toDocument(
    { ...toInput(opened.document), debug: { until: null } },
    { secrets: secretIds, grantId: newId() },
  );
  await writeVersion(tx, ctx, to, {
    document,
    origin: 'copied',
    originDetail: { fromProjectId: from.id, fromProject: from.name, fromVersion: from.settingsVersion },
    changes: describeChanges(null, document),
  });
  return true;
}

function planFor(secret: string | null): SecretPlan {
  return secret === null ? { kind: 'none' } : { kind: 'seal', value: secret };
}
