import { and, eq } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { mailSettingsVersions } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { defaultRetrySchedule, mailSettingsDocument, type RetrySchedule } from '../settings/schemas.ts';

/** The retry schedule in force; the default while the project has no settings. */
export async function loadRetrySchedule(tx: Transaction, project: ProjectRow): Promise<RetrySchedule> {
  if (project.settingsVersion === null) return defaultRetrySchedule;
  const [row] = await tx.orm
    .select({ document: mailSettingsVersions.document })
    .from(mailSettingsVersions)
    .where(
      and(
        eq(mailSettingsVersions.projectId, project.id),
        eq(mailSettingsVersions.version, project.settingsVersion),
      ),
    );
  const settings = mailSettingsDocument.nullable().parse(row?.document ?? null);
  return settings?.sending.retry ?? defaultRetrySchedule;
}
