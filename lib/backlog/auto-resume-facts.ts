import type { Transaction } from '#db/client.ts';
import { mayRelease, type ReleaseFacts } from '../policy/auto-resume.ts';
import { dealRoom } from '../policy/deal-room.ts';

/** A project whose mails a limit of the day holds. */
export interface PendingProject extends Omit<ReleaseFacts, 'room'> {
  readonly id: string;
  readonly name: string;
  readonly protocol: string | null;
  /** When a limit that it meets was last raised, as Postgres writes it. */
  readonly raisedAt: string | null;
}

/** What is left of a limit of the day, without what is already due and not yet counted. */
export interface ScopeRoom {
  readonly projectId: string | null;
  readonly protocol: string | null;
  readonly mailsPerDay: number;
  readonly left: number;
  /** Of `left`, what only high priority may use. */
  readonly reserved: number;
}

/** The projects of the tenant with mails that a limit of the day holds, by what auto resume asks of them. */
export async function readPendingProjects(tx: Transaction): Promise<readonly PendingProject[]> {
  const { rows } = await tx.query<{
    id: string;
    name: string;
    protocol: string | null;
    pending: number;
    is_on: boolean;
    threshold: number | null;
    is_halted: boolean;
    raised_at: string | null;
    is_raise_open: boolean;
  }>(
    `select p.id, p.name, p.protocol, c.pending, coalesce(p.auto_resume, d.auto_resume) as is_on,
       case when p.auto_resume is null then d.auto_resume_threshold else p.auto_resume_threshold end as threshold,
       p.archived_at is not null or p.paused_at is not null or p.settings_version is null
         or l.stopped_at is not null as is_halted,
       r.raised_at::text as raised_at,
       coalesce(r.raised_at > coalesce(p.auto_resumed_at, '-infinity') and r.raised_at >= (
         select h.held_at from mailroom.held_messages h
         where h.project_id = p.id and h.state = 'backlog' and h.reason = 'day_limit'
         order by h.message_id limit 1
       ), false) as is_raise_open
     from (
       select project_id, sum(mails)::float8 as pending from mailroom.held_counts
       where state = 'backlog' and reason = 'day_limit' group by project_id having sum(mails) > 0
     ) c
     join mailroom.projects p on p.id = c.project_id
     join mailroom.lanes l on l.id = p.lane_id
     join mailroom.limit_policies d on d.organization_id = p.organization_id
     cross join lateral (select max(s.raised_at) as raised_at from mailroom.limit_scopes_of(p.id) s) r
     order by p.id`,
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    protocol: row.protocol,
    pending: row.pending,
    isOn: row.is_on,
    threshold: row.threshold,
    isHalted: row.is_halted,
    raisedAt: row.raised_at,
    isRaiseOpen: row.is_raise_open,
  }));
}

/** What each limit of the day of the tenant leaves. What halted projects have in their queues takes nothing from it. */
export async function readScopeRooms(tx: Transaction, organizationId: string): Promise<readonly ScopeRoom[]> {
  const { rows } = await tx.query<ScopeRoom>(
    `select s.project_id as "projectId", s.protocol, s.mails_per_day as "mailsPerDay",
       (s.mails_per_day - u.mails - due.mails)::float8 as left,
       greatest(s.high_reserve - u.high_mails, 0)::float8 as reserved
     from mailroom.limit_window($1) w
     join mailroom.limit_scopes s on s.organization_id = $1 and s.mails_per_day is not null
     cross join lateral mailroom.limit_used(s.id, w.starts_at, w.ends_at) u
     cross join lateral (
       select count(*) as mails from (
         select from mailroom.projects p join mailroom.lanes l on l.id = p.lane_id
         join mailroom.queue_entries q on q.project_id = p.id
         where p.organization_id = $1 and (p.id = s.project_id or (s.project_id is null and p.protocol = s.protocol))
           and p.archived_at is null and p.paused_at is null and p.settings_version is not null
           and l.stopped_at is null and q.due_at <= mailroom.now() and q.counted_at is null and q.attempt_id is null
         limit s.mails_per_day
       ) q
     ) due`,
    [organizationId],
  );
  return rows;
}

/**
 * How many mails of each project fit what is left, dealt in equal turns over those that may be released. With
 * `forHigh`, of what only high priority may use. A project that meets no limit is not bounded: null.
 */
export function dealRooms(
  projects: readonly PendingProject[],
  rooms: readonly ScopeRoom[],
  forHigh: boolean,
): ReadonlyMap<string, number | null> {
  const leftOf = ({ left, reserved }: ScopeRoom): number => Math.max(0, forHigh ? left : left - reserved);
  const ownRoom = (id: string): number | null => {
    const own = rooms.find(({ projectId }) => projectId === id);
    return own === undefined ? null : leftOf(own);
  };
  const dealt = new Map<string, number | null>();
  for (const protocol of new Set(projects.map((project) => project.protocol))) {
    const shared = rooms.find((room) => room.projectId === null && room.protocol === protocol);
    const takers = projects.filter((each) => each.protocol === protocol && mayRelease(each) === null);
    if (shared === undefined) {
      for (const { id } of takers) dealt.set(id, ownRoom(id));
      continue;
    }
    const wanted = takers.map(({ id, pending }) => [id, Math.min(pending, ownRoom(id) ?? pending)] as const);
    for (const [id, count] of dealRoom(leftOf(shared), new Map(wanted))) dealt.set(id, count);
  }
  return dealt;
}
