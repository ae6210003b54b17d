import type { Transaction } from '#db/client.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Context } from '../context.ts';
import { newId } from '../ids.ts';
import { forgetFailure } from '../oauth/grant-store.ts';
import { checkCertificates } from './check-certificates.ts';
import { checkRetrySchedule } from './check-retry-schedule.ts';
import { checkSending, type WhileSending } from './check-sending.ts';
import { toDocument } from './convert.ts';
import { describeChanges, type SettingsChange } from './describe-changes.ts';
import { loadCurrentDocument } from './load-settings.ts';
import { pauseProject } from './pause-project.ts';
import { keptGrant, planSecrets, savedGrantId } from './plan-secrets.ts';
import type { MailSettingsDocument, MailSettingsInput } from './schemas.ts';
import { sealSecrets } from './seal-secrets.ts';
import { clearLane, writeVersion } from './write-version.ts';

export interface SavedMailSettings {
  readonly version: number;
  /** To be woken by the caller, after this has returned. */
  readonly laneId: string;
  readonly isPaused: boolean;
  readonly changes: readonly SettingsChange[];
}

export interface AppliedSettings {
  readonly input: MailSettingsInput;
  readonly whileSending: WhileSending;
  readonly origin: 'saved' | 'restored';
  readonly originDetail: Readonly<Record<string, unknown>>;
}

/** Makes parsed settings the project's current ones, for saving and restoring. The caller holds the project's row. */
export async function applySettings(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow,
  applied: AppliedSettings,
): Promise<SavedMailSettings> {
  checkCertificates(applied.input);
  const before = await loadCurrentDocument(tx, project);
  const plans = planSecrets(before, applied.input);
  await checkSending(tx, project, applied.whileSending);
  const pausesNow = applied.whileSending === 'pause_and_save';
  if (pausesNow) await pauseProject(tx, ctx, project, 'editing');
  const after = toDocument(applied.input, {
    secrets: await sealSecrets(tx, ctx, project.id, plans),
    grantId: keptGrant(before, applied.input) ?? newId(),
  });
  const changes = describeChanges(before, after);
  if (changes.some(({ field }) => field.startsWith('sending.retry.'))) {
    checkRetrySchedule(after.sending.retry, 'sending.retry.giveUpAfterHours');
  }
  const version = await writeUnlessSame(tx, ctx, project, { ...applied, document: after, changes });
  await clearLane(tx, ctx, project, 'settings_saved');
  const grantId = savedGrantId(after);
  if (grantId !== null) {
    await forgetFailure(tx, { organizationId: project.organizationId, projectId: project.id, grantId });
  }
  return { version, laneId: project.laneId, isPaused: project.pausedAt !== null || pausesNow, changes };
}

// Saving what already stands adds no version, but is an act all the same: it leaves the alternate and clears a stop.
async function writeUnlessSame(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow,
  written: Pick<AppliedSettings, 'origin' | 'originDetail'> & {
    document: MailSettingsDocument;
    changes: readonly SettingsChange[];
  },
): Promise<number> {
  const { origin, originDetail, document, changes } = written;
  if (changes.length > 0 || project.settingsVersion === null) {
    return writeVersion(tx, ctx, project, { document, origin, originDetail, changes });
  }
  await recordAudit(tx, ctx, {
    action: `mail_settings.${origin}`,
    projectId: project.id,
    object: { kind: 'mail_settings', id: project.id, label: project.name },
    detail: { ...originDetail, version: project.settingsVersion, changes },
  });
  return project.settingsVersion;
}
