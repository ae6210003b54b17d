import type { Transaction } from '#db/client.ts';
import { healthColumns, healthJoins, type HealthRow } from '../connections/read-health.ts';

export interface ProjectRow extends HealthRow {
  id: string;
  slug: string;
  name: string;
  created_at: Date;
  archived_at: Date | null;
  settings_version: number | null;
  paused_at: Date | null;
  paused_by: string | null;
  pause_reason: 'by_hand' | 'editing' | 'restored' | null;
  stopped_at: Date | null;
  stop_code: string | null;
  stop_stage: string | null;
  stop_reply: string | null;
  wait_kind: 'unreachable' | 'throttled' | null;
  wait_since: Date | null;
  wait_until: Date | null;
  wait_reply: string | null;
  active_endpoint: 'primary' | 'alternate';
  alternate_since: Date | null;
  alternate_reason: string | null;
  both_down_since: Date | null;
  primary_up_since: Date | null;
  rate_factor: number;
  slowed_at: Date | null;
  slowed_until: Date | null;
  slow_count: number;
  protocol: string | null;
  auto_resumes: boolean;
  document: unknown;
}

/** Projects with their lane and their current mail settings, by name. */
export async function selectProjects(tx: Transaction): Promise<ProjectRow[]> {
  const { rows } = await tx.query<ProjectRow>(`
    select p.id, p.slug, p.name, p.created_at, p.archived_at, p.settings_version, p.paused_at, p.paused_by, p.pause_reason,
      l.stopped_at, l.stop_code, l.stop_stage, l.stop_reply, l.wait_kind, l.wait_since, l.wait_until, l.wait_reply,
      l.active_endpoint, l.alternate_since, l.alternate_reason, l.both_down_since, l.primary_up_since,
      l.rate_factor, l.slowed_at, l.slowed_until, l.slow_count, p.protocol,
      coalesce(p.auto_resume, o.auto_resume) as auto_resumes, v.document, ${healthColumns}
    from mailroom.projects p
    join mailroom.lanes l on l.id = p.lane_id
    join mailroom.limit_policies o on o.organization_id = p.organization_id
    left join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
    ${healthJoins}
    where p.organization_id = mailroom.current_organization()
    order by lower(p.name), p.id`);
  return rows;
}

export interface WaitingRow {
  project_id: string;
  waiting: number;
  oldest_due_at: Date | null;
}

/** What the queue holds for each project, and since when its oldest due mail waits. */
export async function selectWaiting(tx: Transaction, projectIds: readonly string[]): Promise<WaitingRow[]> {
  const { rows } = await tx.query<WaitingRow>(
    `select project_id, count(*) as waiting, min(due_at) filter (where due_at <= mailroom.now()) as oldest_due_at
     from mailroom.queue_entries where project_id = any ($1::uuid[]) group by project_id`,
    [projectIds],
  );
  return rows;
}

export interface StateRow {
  project_id: string;
  captured: number;
  uncertain: number;
  oldest_retrying_at: Date | null;
}

/** Mails that wait for a person, and the oldest that is being tried again. Each part reads one index. */
export async function selectStates(tx: Transaction, projectIds: readonly string[]): Promise<StateRow[]> {
  const { rows } = await tx.query<StateRow>(
    `select p.id as project_id,
       (select count(*) from mailroom.messages m where m.project_id = p.id and m.state = 'captured') as captured,
       (select count(*) from mailroom.messages m where m.project_id = p.id and m.state = 'uncertain') as uncertain,
       (select m.accepted_at from mailroom.messages m
         where m.project_id = p.id and m.state = 'retrying' order by m.id limit 1) as oldest_retrying_at
     from unnest($1::uuid[]) as p (id)`,
    [projectIds],
  );
  return rows;
}

export interface HeldRow {
  project_id: string;
  backlog: number;
  suspended: number;
  day_limit: number;
  recipients_limit: number;
  flood: number;
  oldest_held_at: Date | null;
}

/** What is held of each project: a few rows of sums, and one look into an index for the oldest. */
export async function selectHeld(tx: Transaction, projectIds: readonly string[]): Promise<HeldRow[]> {
  const { rows } = await tx.query<HeldRow>(
    `select p.id as project_id,
       coalesce(sum(c.mails) filter (where c.state = 'backlog'), 0)::bigint as backlog,
       coalesce(sum(c.mails) filter (where c.state = 'suspended'), 0)::bigint as suspended,
       coalesce(sum(c.mails) filter (where c.state = 'backlog' and c.reason = 'day_limit'), 0)::bigint as day_limit,
       coalesce(sum(c.mails) filter (where c.state = 'backlog' and c.reason = 'recipients_limit'), 0)::bigint
         as recipients_limit,
       coalesce(sum(c.mails) filter (where c.state = 'backlog' and c.reason = 'flood'), 0)::bigint as flood,
       (select h.held_at from mailroom.held_messages h
         where h.project_id = p.id and h.state = 'backlog' order by h.held_at, h.message_id limit 1) as oldest_held_at
     from unnest($1::uuid[]) as p (id)
     left join mailroom.held_counts c on c.project_id = p.id
     group by p.id`,
    [projectIds],
  );
  return rows;
}

export interface DayLimitRow {
  /** Null: it counts over a protocol. */
  project_id: string | null;
  protocol: string | null;
  mails_per_day: number;
  high_reserve: number;
  used: number;
  high_used: number;
  ends_at: Date | null;
}

/** Every daily limit of the organization with its use in the running window. */
export async function selectDayLimits(tx: Transaction): Promise<DayLimitRow[]> {
  const { rows } = await tx.query<DayLimitRow>(`
    select s.project_id, s.protocol, s.mails_per_day, s.high_reserve, u.mails as used, u.high_mails as high_used, w.ends_at
    from mailroom.limit_scopes s
    cross join lateral mailroom.limit_window(s.organization_id) w
    cross join lateral mailroom.limit_used(s.id, w.starts_at, w.ends_at) u
    where s.organization_id = mailroom.current_organization() and s.mails_per_day is not null`);
  return rows;
}

export interface HourRow {
  project_id: string;
  hour: Date;
  sent: number;
  failed: number;
  held: number;
  captured: number;
}

/** Outcomes by project and hour since an instant. */
export async function selectHours(
  tx: Transaction,
  projectIds: readonly string[],
  since: Date,
): Promise<HourRow[]> {
  const { rows } = await tx.query<HourRow>(
    `select project_id, hour, sum(sent)::bigint as sent, sum(failed + expired)::bigint as failed,
       sum(held)::bigint as held, sum(captured)::bigint as captured
     from mailroom.delivery_counters where project_id = any ($1::uuid[]) and hour >= $2
     group by project_id, hour`,
    [projectIds, since],
  );
  return rows;
}

export interface FrameRow {
  now: Date;
  name: string;
  slug: string;
  time_zone: string;
  default_project_id: string | null;
  day_started_at: Date;
  day_ends_at: Date;
  workers: number;
  slowest_beat_ms: number | null;
  last_worker_at: Date | null;
  sending_stopped_at: Date | null;
  sending_stopped_reason: string | null;
  notice_project: string | null;
  notice_archived_at: Date | null;
  notice_project_id: string | null;
}

/** The organization, its day, the workers that answer, and whether the fleet stands still after a restore. */
export async function selectFrame(tx: Transaction): Promise<FrameRow | undefined> {
  const { rows } = await tx.query<FrameRow>(`
    select mailroom.now() as now, o.name, o.slug, o.time_zone, o.default_project_id,
      date_trunc('day', mailroom.now() at time zone o.time_zone) at time zone o.time_zone as day_started_at,
      (date_trunc('day', mailroom.now() at time zone o.time_zone) + interval '1 day') at time zone o.time_zone as day_ends_at,
      w.workers, w.slowest_beat_ms, w.last_worker_at, i.sending_stopped_at, i.sending_stopped_reason,
      o.notice_project_id, n.name as notice_project, n.archived_at as notice_archived_at
    from mailroom.organizations o
    cross join lateral (
      select count(*) filter (where alive) as workers,
        (max(extract(epoch from mailroom.now() - beat_at)) filter (where alive) * 1000)::double precision as slowest_beat_ms,
        max(coalesce(stopped_at, beat_at)) as last_worker_at
      from (
        select beat_at, stopped_at,
          stopped_at is null and lost_at is null and beat_at > mailroom.now() - interval '8 seconds' as alive
        from mailroom.workers
      ) each
    ) w
    left join mailroom.installation i on true
    left join mailroom.projects n on n.id = o.notice_project_id
    where o.id = mailroom.current_organization()`);
  return rows[0];
}
