import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { throttles } from '#db/schema/slots.ts';
import type { ProjectRow } from '../access/load-project.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { MailSettingsDocument } from './schemas.ts';
import { throttleKeys } from './throttle-keys.ts';

/** Keeps the keys of a project's current settings, or none where it does not send by Graph. */
export async function storeThrottle(
  tx: Transaction,
  keyring: Pick<Keyring, 'tag'>,
  project: Pick<ProjectRow, 'id' | 'organizationId'>,
  { version, document }: { readonly version: number; readonly document: MailSettingsDocument | null },
): Promise<void> {
  if (document?.connection.kind !== 'graph') {
    await tx.orm.delete(throttles).where(eq(throttles.projectId, project.id));
    return;
  }
  const stored = { settingsVersion: version, ...throttleKeys(keyring, document.connection) };
  await tx.orm
    .insert(throttles)
    .values({ projectId: project.id, organizationId: project.organizationId, ...stored })
    .onConflictDoUpdate({ target: throttles.projectId, set: stored });
}
