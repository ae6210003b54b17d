import type { Transaction } from '#db/client.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { DomainError } from '../errors.ts';
import { loadVersion } from './load-settings.ts';

/** Throws `version_conflict` naming who saved meanwhile, unless the project still stands at this version. */
export async function checkVersion(
  tx: Transaction,
  project: ProjectRow,
  expectedVersion: number | null,
): Promise<void> {
  if (project.settingsVersion === expectedVersion) return;
  if (project.settingsVersion === null) {
    throw new DomainError('version_conflict', 'These settings were cleared meanwhile.', {
      data: { version: null },
    });
  }
  const newer = await loadVersion(tx, project, project.settingsVersion);
  throw new DomainError('version_conflict', `${newer.actorLabel} saved version ${newer.version} first.`, {
    data: { version: newer.version, savedBy: newer.actorLabel, savedAt: newer.createdAt.toISOString() },
  });
}
