import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { checkCustomCa } from './check-custom-ca.ts';
import { checkSending, whileSending } from './check-sending.ts';
import { toDocument } from './convert.ts';
import { describeChanges, type SettingsChange } from './describe-changes.ts';
import { loadCurrentDocument, loadVersion, lockProject } from './load-settings.ts';
import { pauseProject } from './pause-project.ts';
import { planSecrets } from './plan-secrets.ts';
import { mailSettingsInput, type MailSettingsDocument, type MailSettingsFields } from './schemas.ts';
import { sealSecrets } from './seal-secrets.ts';
import { clearLane, writeVersion } from './write-version.ts';

const saveChoices = z.strictObject({
  /** The version that the form started from; null where the project was not set up. */
  expectedVersion: z.int().min(1).nullable(),
  whileSending,
});

export interface SaveMailSettings extends z.input<typeof saveChoices> {
  /** Id or short name. */
  readonly project: string;
  readonly input: MailSettingsFields;
}

export interface SavedMailSettings {
  readonly version: number;
  /** To be woken by the caller, after this has returned. */
  readonly laneId: string;
  readonly isPaused: boolean;
  readonly changes: readonly SettingsChange[];
}

/**
 * Saves a version of the project's mail settings. Throws `version_conflict` (who saved first), `sending_active` (the
 * dialog of PRODUCT 2.12 is to be asked), `secret_required` (PRODUCT 2.18) or `invalid_input` by field. Saving what
 * already stands adds no version, but still leaves the alternate server and clears a stop.
 */
export function saveMailSettings(
  ctx: Context,
  { project: reference, input, ...choices }: SaveMailSettings,
): Promise<SavedMailSettings> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const found = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.write', found.id);
    // Parsed apart, so that a fault names the field as the form knows it.
    const given = parseInput(mailSettingsInput, input);
    checkCustomCa(given);
    const { expectedVersion, whileSending: choice } = parseInput(saveChoices, choices);
    const project = requireActive(await lockProject(tx, found));
    await checkVersion(tx, project, expectedVersion);
    const before = await loadCurrentDocument(tx, project);
    const plans = planSecrets(before, given);
    await checkSending(tx, project, choice);
    if (choice === 'pause_and_save') await pauseProject(tx, ctx, project, 'editing');
    const after = toDocument(given, await sealSecrets(tx, ctx, project.id, plans));
    const { version, changes } = await writeChange(tx, ctx, project, { before, after });
    await clearLane(tx, project.laneId);
    const isPaused = project.pausedAt !== null || choice === 'pause_and_save';
    return { version, laneId: project.laneId, isPaused, changes };
  });
}

async function writeChange(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow,
  { before, after }: { before: MailSettingsDocument | null; after: MailSettingsDocument },
): Promise<{ version: number; changes: readonly SettingsChange[] }> {
  const changes = describeChanges(before, after);
  if (changes.length > 0 || project.settingsVersion === null) {
    return {
      version: await writeVersion(tx, ctx, project, { document: after, origin: 'saved', changes }),
      changes,
    };
  }
  await recordAudit(tx, ctx, {
    action: 'mail_settings.saved',
    projectId: project.id,
    object: { kind: 'mail_settings', id: project.id, label: project.name },
    detail: { version: project.settingsVersion, changes },
  });
  return { version: project.settingsVersion, changes };
}

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
