import { withTenant, type Transaction } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { toView } from './convert.ts';
import { loadCurrentDocument, loadNewestVersion, loadSecretViews } from './load-settings.ts';
import type { MailSettingsView } from './schemas.ts';
import { presentVersion, type SettingsVersion } from './present-version.ts';

export interface ProjectMailSettings {
  readonly project: {
    readonly id: string;
    readonly slug: string;
    readonly name: string;
    readonly isArchived: boolean;
  };
  /** The current version; null where the project is not set up. */
  readonly version: number | null;
  readonly settings: MailSettingsView | null;
  /** The newest version, which may be the one that cleared them; null before the first. */
  readonly lastChange: SettingsVersion | null;
  readonly pause: ProjectPause | null;
  readonly may: { readonly write: boolean; readonly test: boolean; readonly pause: boolean };
}

export interface ProjectPause {
  readonly since: string;
  readonly by: string;
  readonly reason: NonNullable<ProjectRow['pauseReason']>;
}

/** The project's mail settings as a page may show them: no secret is in it, only when and by whom each was set. */
export function getMailSettings(ctx: Context, input: { project: string }): Promise<ProjectMailSettings> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'settings.read', project.id);
    const newest = await loadNewestVersion(tx, project);
    return {
      project: {
        id: project.id,
        slug: project.slug,
        name: project.name,
        isArchived: project.archivedAt !== null,
      },
      version: project.settingsVersion,
      settings: await currentView(tx, project),
      lastChange: newest === null ? null : presentVersion(newest, project.settingsVersion),
      pause: pauseOf(project),
      may: {
        write: can(ctx.actor, 'settings.write', project.id),
        test: can(ctx.actor, 'settings.test', project.id),
        pause: can(ctx.actor, 'sending.pause', project.id),
      },
    };
  });
}

/** Who paused the project, since when and why; null when it is not paused. */
export function pauseOf(project: ProjectRow): ProjectPause | null {
  if (project.pausedAt === null) return null;
  return {
    since: project.pausedAt.toISOString(),
    by: project.pausedBy ?? 'Mailroom',
    reason: project.pauseReason ?? 'by_hand',
  };
}

async function currentView(tx: Transaction, project: ProjectRow): Promise<MailSettingsView | null> {
  const document = await loadCurrentDocument(tx, project);
  return document === null ? null : toView(document, await loadSecretViews(tx, document));
}
