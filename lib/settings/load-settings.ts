import { and, desc, eq, inArray } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { mailSettingsVersions, projects, secrets } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { DomainError } from '../errors.ts';
import { savedSecretIds } from './plan-secrets.ts';
import { mailSettingsDocument, type MailSettingsDocument, type SecretView } from './schemas.ts';

export type VersionRow = typeof mailSettingsVersions.$inferSelect;

/** One version of the project's settings; `not_found` where there is none of that number. */
export async function loadVersion(
  tx: Transaction,
  project: ProjectRow,
  version: number,
): Promise<VersionRow> {
  const [row] = await tx.orm
    .select()
    .from(mailSettingsVersions)
    .where(
      and(
        eq(mailSettingsVersions.organizationId, project.organizationId),
        eq(mailSettingsVersions.projectId, project.id),
        eq(mailSettingsVersions.version, version),
      ),
    );
  if (row === undefined)
    throw new DomainError('not_found', `There is no version ${version} of these settings.`);
  return row;
}

/** The newest version, current or not; null before the first. */
export async function loadNewestVersion(tx: Transaction, project: ProjectRow): Promise<VersionRow | null> {
  const [row] = await tx.orm
    .select()
    .from(mailSettingsVersions)
    .where(
      and(
        eq(mailSettingsVersions.organizationId, project.organizationId),
        eq(mailSettingsVersions.projectId, project.id),
      ),
    )
    .orderBy(desc(mailSettingsVersions.version))
    .limit(1);
  return row ?? null;
}

/** The stored document of a row; null where the settings were cleared. Throws when the column holds anything else. */
export function documentOf(row: { document: unknown }): MailSettingsDocument | null {
  return row.document === null ? null : mailSettingsDocument.parse(row.document);
}

/** The project's current settings; null when it is not set up. */
export async function loadCurrentDocument(
  tx: Transaction,
  project: ProjectRow,
): Promise<MailSettingsDocument | null> {
  if (project.settingsVersion === null) return null;
  return documentOf(await loadVersion(tx, project, project.settingsVersion));
}

/** Holds the project's row until the end of the transaction, so that two changes of its settings cannot cross. */
export async function lockProject(tx: Transaction, project: ProjectRow): Promise<ProjectRow> {
  const [locked] = await tx.orm.select().from(projects).where(eq(projects.id, project.id)).for('update');
  if (locked === undefined) throw new DomainError('not_found', 'There is no such project.');
  return locked;
}

/** When and by whom each secret of the document was set, by the id of its row. */
export async function loadSecretViews(
  tx: Transaction,
  document: MailSettingsDocument,
): Promise<ReadonlyMap<string, SecretView>> {
  const ids = savedSecretIds(document);
  if (ids.length === 0) return new Map();
  const rows = await tx.orm
    .select({ id: secrets.id, createdAt: secrets.createdAt, createdBy: secrets.createdBy })
    .from(secrets)
    .where(inArray(secrets.id, ids));
  return new Map(rows.map((row) => [row.id, { setAt: row.createdAt.toISOString(), setBy: row.createdBy }]));
}
