import { asWorker, type Transaction, withTenant } from '#db/client.ts';
import { permissions } from '../access/roles.ts';
import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { announcement, kindRules } from './announcement.ts';
import { type AboutProject, composeAnnouncement } from './compose-announcement.ts';
import { sendNotice } from './send-notice.ts';

const batch = 100;
const mostPeople = 100;
const keptDays = 90;

interface OpenNotice {
  readonly id: string;
  readonly organization_id: string;
  readonly project_id: string;
  readonly kind: string;
  readonly facts: unknown;
  readonly announced_at: Date;
  readonly expires_at: Date;
}

/**
 * Mails what was announced to those who can act on it: owners and administrators who reach the project. What waits for
 * a sender is tried again until it ends. For the worker's timer; answers with how many were mailed.
 */
export async function mailAnnouncements(services: Services): Promise<number> {
  await settleEnded(services);
  let mailed = 0;
  for (const notice of await openNotices(services)) {
    try {
      if (await mailOne(services, notice)) mailed += 1;
    } catch (error) {
      // One sender that refuses must not keep the notices of others.
      if (!(error instanceof DomainError)) throw error;
      services.log.warn({ noticeId: notice.id, code: error.code }, 'a notice could not be mailed');
    }
  }
  return mailed;
}

async function settleEnded({ database }: Services): Promise<void> {
  await asWorker(database, async (tx) => {
    await tx.query(
      `update mailroom.notices set settled_at = mailroom.now(), outcome = 'untold'
       where settled_at is null and expires_at <= mailroom.now()`,
    );
    await tx.query(
      `delete from mailroom.notices where settled_at < mailroom.now() - make_interval(days => ${keptDays})`,
    );
  });
}

async function openNotices({ database }: Services): Promise<readonly OpenNotice[]> {
  const { rows } = await asWorker(database, (tx) =>
    tx.query<OpenNotice>(
      `select n.id, n.organization_id, n.project_id, n.kind, n.facts, n.announced_at, n.expires_at
       from mailroom.notices n
       join mailroom.organizations o on o.id = n.organization_id and o.archived_at is null
       join mailroom.projects p on p.id = o.notice_project_id and p.archived_at is null
       where n.settled_at is null order by n.id limit ${batch}`,
    ),
  );
  return rows;
}

async function mailOne(services: Services, notice: OpenNotice): Promise<boolean> {
  const scope = { organizationId: notice.organization_id, userId: null };
  const told = announcement.parse({ kind: notice.kind, facts: notice.facts });
  const { about, to } = await withTenant(services.database, scope, async (tx) => ({
    about: await readAbout(tx, notice.project_id),
    to: await readPeople(tx, notice),
  }));
  if (about === null) return false;
  if (to.length === 0) {
    await settle(services, notice, null);
    return false;
  }
  const sent = await sendNotice(services, {
    organizationId: notice.organization_id,
    category: kindRules[told.kind].category,
    to,
    ...composeAnnouncement(told, about, {
      announcedAt: notice.announced_at,
      portalUrl: services.settings.portalUrl,
    }),
    expiresAt: notice.expires_at,
    key: `notice-${notice.id}`,
  });
  if (sent.kind === 'no_sender') return false;
  await settle(services, notice, sent.messageId);
  return true;
}

/** Null: nobody is there who could be told. */
async function settle({ database }: Services, { id }: OpenNotice, messageId: string | null): Promise<void> {
  await asWorker(database, (tx) =>
    tx.query(
      `update mailroom.notices set settled_at = mailroom.now(), message_id = $2::uuid,
         outcome = case when $2::uuid is null then 'untold' else 'mailed' end
       where id = $1 and settled_at is null`,
      [id, messageId],
    ),
  );
}

async function readAbout(tx: Transaction, projectId: string): Promise<AboutProject | null> {
  const { rows } = await tx.query<{
    name: string;
    slug: string;
    organization: string;
    organization_slug: string;
    time_zone: string;
  }>(
    `select p.name, p.slug, o.name as organization, o.slug as organization_slug, o.time_zone
     from mailroom.projects p join mailroom.organizations o on o.id = p.organization_id where p.id = $1`,
    [projectId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return {
    project: { name: row.name, slug: row.slug },
    organization: { name: row.organization, slug: row.organization_slug },
    timeZone: row.time_zone,
  };
}

async function readPeople(tx: Transaction, notice: OpenNotice): Promise<string[]> {
  const { rows } = await tx.query<{ email: string }>(
    `select u.email from mailroom.memberships m join mailroom.users u on u.id = m.user_id
     where m.organization_id = $1 and m.role = any ($2) and u.disabled_at is null
       and (m.project_ids is null or $3 = any (m.project_ids))
     order by m.role = 'owner' desc, u.email limit ${mostPeople}`,
    [notice.organization_id, permissions['settings.write'].roles, notice.project_id],
  );
  return rows.map(({ email }) => email);
}
