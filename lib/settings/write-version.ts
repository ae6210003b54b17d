import { eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { lanes, mailSettingsVersions, projects } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorId, actorLabel, type Context } from '../context.ts';
import { newId } from '../ids.ts';
import { type ReturnReason, returnToPrimary } from '../queue/return-to-primary.ts';
import type { SettingsChange } from './describe-changes.ts';
import { loadNewestVersion, type VersionRow } from './load-settings.ts';
import type { MailSettingsDocument } from './schemas.ts';
import { storeThrottle } from './store-throttle.ts';

export interface NewVersion {
  readonly document: MailSettingsDocument | null;
  readonly origin: VersionRow['origin'];
  readonly originDetail?: Readonly<Record<string, unknown>>;
  readonly changes: readonly SettingsChange[];
}

/** Appends a version, makes it the project's current one, and audits it. The caller holds the project's row. */
export async function writeVersion(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow,
  written: NewVersion,
): Promise<number> {
  const version = ((await loadNewestVersion(tx, project))?.version ?? 0) + 1;
  await tx.orm.insert(mailSettingsVersions).values({
    id: newId(),
    organizationId: project.organizationId,
    projectId: project.id,
    version,
    document: written.document,
    origin: written.origin,
    originDetail: written.originDetail ?? {},
    changes: written.changes,
    actorKind: ctx.actor.kind,
    actorId: actorId(ctx.actor),
    actorLabel: actorLabel(ctx.actor),
    sourceIp: ctx.source.ip,
  });
  await tx.orm
    .update(projects)
    .set({ settingsVersion: written.document === null ? null : version })
    .where(eq(projects.id, project.id));
  await storeThrottle(tx, ctx.keyring, project, { version, document: written.document });
  await recordAudit(tx, ctx, {
    action: `mail_settings.${written.origin}`,
    projectId: project.id,
    object: { kind: 'mail_settings', id: project.id, label: project.name },
    detail: { ...written.originDetail, version, changes: written.changes },
  });
  return version;
}

/**
 * Forgets what the lane learned under the settings before: a stop for credentials, a wait for the server, and the
 * alternate, which a saved change leaves (PRODUCT 6.3) and the history says.
 */
export async function clearLane(
  tx: Transaction,
  ctx: Context,
  project: ProjectRow,
  why: ReturnReason,
): Promise<void> {
  await returnToPrimary(tx, ctx, project, why);
  await tx.orm
    .update(lanes)
    .set({
      stoppedAt: null,
      stopCode: null,
      stopStage: null,
      stopReply: null,
      waitKind: null,
      waitSince: null,
      waitUntil: null,
      waitCode: null,
      waitReply: null,
      waitEndpoint: null,
      failureCount: 0,
      reachFailures: 0,
      rateFactor: 1,
      slowedAt: null,
      slowedUntil: null,
      slowCount: 0,
    })
    .where(eq(lanes.id, project.laneId));
}
