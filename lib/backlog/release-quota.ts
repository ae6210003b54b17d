import type { Transaction } from '#db/client.ts';
import type { Context } from '../context.ts';
import { mayRelease } from '../policy/auto-resume.ts';
import { dealRoom } from '../policy/deal-room.ts';
import type { Moved } from './move-held.ts';
import { releaseHeld } from './release-held.ts';
import { readQuotaRoom } from './spent-quotas.ts';

interface QuotaProject {
  readonly id: string;
  readonly name: string;
  readonly pending: number;
  readonly isOn: boolean;
  readonly threshold: number | null;
  readonly isHalted: boolean;
  /** Recipients of its oldest held mails, and of what is due already. */
  readonly recipients: number;
  readonly dueRecipients: number;
}

const mostMails = 1_000;

/** Lets go what a provider's quota held and has room for again, by the recipients that are left of it. */
export async function releaseQuota(tx: Transaction, ctx: Context): Promise<readonly Moved[]> {
  const projects = (await readQuotaProjects(tx)).filter(
    (project) => mayRelease({ ...project, isRaiseOpen: false }) === null,
  );
  if (projects.length === 0) return [];
  const rooms = await readQuotaRoom(
    tx,
    projects.map(({ id }) => id),
  );
  const shares = new Map<string, number>();
  for (const project of projects) if (!rooms.has(project.id)) shares.set(project.id, Infinity);
  for (const poolId of new Set([...rooms.values()].map((room) => room.poolId))) {
    const own = projects.filter(({ id }) => rooms.get(id)?.poolId === poolId);
    const left = rooms.get(own[0]?.id ?? '')?.left ?? 0;
    const due = own.reduce((sum, { dueRecipients }) => sum + dueRecipients, 0);
    const dealt = dealRoom(
      Math.max(0, left - due),
      new Map(own.map(({ id, recipients }) => [id, recipients])),
    );
    for (const [id, part] of dealt) shares.set(id, part);
  }
  const moved: Moved[] = [];
  for (const project of projects) {
    const room = Math.min(shares.get(project.id) ?? 0, 2_147_483_647);
    if (room === 0) continue;
    const { pending, threshold } = project;
    moved.push(
      await releaseHeld(
        tx,
        ctx,
        { project, action: 'backlog.auto_resumed', why: 'quota', facts: { of: pending, threshold } },
        (values) => `select f.message_id from (
          select h.message_id, sum(h.recipient_count) over (order by h.message_id) as recipients from (
            select h.message_id, h.recipient_count from mailroom.held_messages h
            where h.project_id = ${values.add(project.id, 'uuid')} and h.state = 'backlog' and h.reason = 'quota'
            order by h.message_id limit ${mostMails}
          ) h
        ) f where f.recipients <= ${values.add(room, 'integer')}`,
      ),
    );
  }
  return moved;
}

async function readQuotaProjects(tx: Transaction): Promise<readonly QuotaProject[]> {
  const { rows } = await tx.query<QuotaProject>(
    `select p.id, p.name, c.pending, coalesce(p.auto_resume, d.auto_resume) as "isOn",
       case when p.auto_resume is null then d.auto_resume_threshold else p.auto_resume_threshold end as threshold,
       p.archived_at is not null or p.paused_at is not null or p.settings_version is null
         or l.stopped_at is not null as "isHalted",
       (select coalesce(sum(f.recipient_count), 0)::float8 from (
         select h.recipient_count from mailroom.held_messages h
         where h.project_id = p.id and h.state = 'backlog' and h.reason = 'quota' order by h.message_id limit $1
       ) f) as recipients,
       (select coalesce(sum(m.recipient_count), 0)::float8 from (
         select q.message_id from mailroom.queue_entries q
         where q.project_id = p.id and q.due_at <= mailroom.now() and q.attempt_id is null limit $1
       ) f join mailroom.messages m on m.id = f.message_id) as "dueRecipients"
     from (
       select project_id, sum(mails)::float8 as pending from mailroom.held_counts
       where state = 'backlog' and reason = 'quota' group by project_id having sum(mails) > 0
     ) c
     join mailroom.projects p on p.id = c.project_id
     join mailroom.lanes l on l.id = p.lane_id
     join mailroom.limit_policies d on d.organization_id = p.organization_id
     order by p.id`,
    [mostMails],
  );
  return rows;
}
