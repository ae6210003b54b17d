import { asWorker } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Services, systemContext } from '../context.ts';
import { announce as announceByMail } from '../notices/announce.ts';
import { documentOf } from '../settings/load-settings.ts';
import { type CredentialEnd, credentialEnds, daysLeft, dueAnnouncement } from './credential-ends.ts';

const batch = 200;

interface ProjectRow {
  readonly id: string;
  readonly organization_id: string;
  readonly name: string;
  readonly document: unknown;
  readonly refresh_expires_at: Date | null;
}

/**
 * Announces the ends of client secrets, certificates and tokens 60, 30, 7 and 1 days ahead, each once (PRODUCT 2.19):
 * an entry in the audit history, and a mail to those who can act. For the worker's timer; answers with how many.
 */
export async function announceEnds(services: Services): Promise<number> {
  let announced = 0;
  for (let after: string | null = null; ;) {
    const projects = await nextProjects(services, after);
    for (const project of projects) announced += await announceProject(services, project);
    const last = projects.at(-1);
    if (last === undefined || projects.length < batch) return announced;
    after = last.id;
  }
}

async function nextProjects({ database }: Services, after: string | null): Promise<ProjectRow[]> {
  const { rows } = await asWorker(database, (tx) =>
    tx.query<ProjectRow>(
      `select p.id, p.organization_id, p.name, v.document, g.refresh_expires_at
       from mailroom.projects p
       join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
       left join mailroom.oauth_grants g
         on g.id = (v.document #>> '{connection,authentication,consent,grantId}')::uuid
       where p.archived_at is null and v.document #>> '{connection,authentication,kind}' = 'oauth'
         and ($1::uuid is null or p.id > $1)
       order by p.id limit ${batch}`,
      [after],
    ),
  );
  return rows;
}

async function announceProject(services: Services, project: ProjectRow): Promise<number> {
  const document = documentOf(project);
  if (document === null) return 0;
  const now = services.clock.now();
  let announced = 0;
  for (const end of credentialEnds(document, project.refresh_expires_at)) {
    const daysAhead = dueAnnouncement(end.endsAt, now);
    if (daysAhead !== null && (await announce(services, project, end, daysAhead))) announced += 1;
  }
  return announced;
}

function announce(
  services: Services,
  project: ProjectRow,
  { kind, endsAt }: CredentialEnd,
  daysAhead: number,
): Promise<boolean> {
  return asWorker(services.database, async (tx) => {
    const { rowCount } = await tx.query(
      `insert into mailroom.announced_ends (project_id, organization_id, kind, ends_at, days_ahead)
       values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [project.id, project.organization_id, kind, endsAt, daysAhead],
    );
    if (rowCount !== 1) return false;
    await announceByMail(tx, {
      kind: 'credential_ends',
      facts: { credential: kind, endsAt: endsAt.toISOString(), daysAhead },
      organizationId: project.organization_id,
      projectId: project.id,
    });
    await recordAudit(tx, systemContext(services, { organizationId: project.organization_id }), {
      action: 'oauth.end_announced',
      projectId: project.id,
      object: { kind: 'connection', id: project.id, label: project.name },
      detail: {
        credential: kind,
        endsAt: endsAt.toISOString(),
        daysLeft: daysLeft(endsAt, services.clock.now()),
      },
    });
    return true;
  });
}
