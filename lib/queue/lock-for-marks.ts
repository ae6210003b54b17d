import type { Database, Transaction } from '#db/client.ts';
import type { ScopeRoom } from '#lib/policy/room-for-marks.ts';
import type { StartMark } from './start-mark.ts';

/** A project that may send, and what its mail counts in. */
export interface LockedProject {
  readonly laneId: string;
  readonly settingsVersion: number;
  readonly protocolScopeId: string;
  readonly ownScopeId: string;
}

export interface LockedScope extends ScopeRoom {
  readonly organizationId: string;
}

/** What the marks of one transaction stand on; nobody else changes it before the commit. */
export interface LockedGround {
  readonly lanes: ReadonlyMap<string, { readonly generation: number; readonly holder: string | null }>;
  readonly projects: ReadonlyMap<string, LockedProject>;
  readonly scopes: readonly LockedScope[];
  /** When these marks are set and count, as Postgres writes it; null where no project may send. */
  readonly moment: string | null;
  /** The commit is told before it is safe: see `untilSafe`. */
  readonly commitsEarly: boolean;
}

interface GroundRow {
  readonly kind: 'lane' | 'project' | 'scope';
  readonly id: string;
  readonly organization_id: string | null;
  readonly project_id: string | null;
  readonly protocol: string | null;
  readonly lane_id: string | null;
  readonly holder: string | null;
  readonly generation: number | null;
  readonly settings_version: number | null;
  readonly mails_per_day: number | null;
  readonly high_reserve: number | null;
  readonly mails: number | null;
  readonly high_mails: number | null;
  readonly moment: string | null;
  readonly commits_early: boolean | null;
}

/** Locks the lanes, projects and limits of these marks. What is missing in the answer may not send now. */
export async function lockForMarks(tx: Transaction, marks: readonly StartMark[]): Promise<LockedGround> {
  const { rows } = await tx.queryPrepared<GroundRow>(lockStatement, [
    [...new Set(marks.map(({ lease }) => lease.laneId))],
    [...new Set(marks.map(({ projectId }) => projectId))],
  ]);
  const lanes = new Map<string, { generation: number; holder: string | null }>();
  const scopes: LockedScope[] = [];
  const byProtocol = new Map<string, string>();
  const byProject = new Map<string, string>();
  let moment: string | null = null;
  let commitsEarly = false;
  for (const row of rows) {
    if (row.kind === 'lane') lanes.set(row.id, { generation: row.generation ?? 0, holder: row.holder });
    if (row.kind !== 'scope' || row.organization_id === null) continue;
    moment = row.moment;
    commitsEarly ||= row.commits_early === true;
    scopes.push({
      id: row.id,
      organizationId: row.organization_id,
      mailsPerDay: row.mails_per_day,
      highReserve: row.high_reserve ?? 0,
      used: row.mails ?? 0,
      highUsed: row.high_mails ?? 0,
    });
    if (row.project_id === null) byProtocol.set(`${row.organization_id} ${row.protocol}`, row.id);
    else byProject.set(row.project_id, row.id);
  }
  const projects = new Map<string, LockedProject>();
  for (const { kind, id, ...row } of rows) {
    if (kind !== 'project' || row.lane_id === null || row.settings_version === null) continue;
    const protocolScopeId = byProtocol.get(`${row.organization_id} ${row.protocol}`);
    const ownScopeId = byProject.get(id);
    // A limit of it has just come or gone: its mails ask again.
    if (protocolScopeId === undefined || ownScopeId === undefined) continue;
    projects.set(id, {
      laneId: row.lane_id,
      settingsVersion: row.settings_version,
      protocolScopeId,
      ownScopeId,
    });
  }
  return { lanes, projects, scopes, moment, commitsEarly };
}

/**
 * Resolves when everything that this database has committed so far survives a crash of it: the log is written in order,
 * and this commit waits for it as usual.
 */
export async function untilSafe({ pool }: Database): Promise<void> {
  await pool.query("select pg_logical_emit_message(true, 'mailroom', '')");
}

// The limits last: what is in force is read after everything else stands still. Whoever counts in a limited scope holds it
// alone, so that transaction does not wait for the disk: the next one counts meanwhile, and none is told before it is safe.
const lockStatement = `
with held as materialized (
  select l.id, l.generation, l.holder from mailroom.lanes l
  where l.id = any ($1::uuid[]) and l.lease_expires_at > mailroom.now() and l.stopped_at is null
    and not exists (select from mailroom.installation where sending_stopped_at is not null)
  order by l.id for share
), open as materialized (
  select p.id, p.organization_id, p.protocol, p.lane_id, p.settings_version from mailroom.projects p
  where p.id = any ($2::uuid[]) and p.paused_at is null and p.archived_at is null and p.settings_version is not null
    and p.lane_id in (select h.id from held h)
  order by p.id for share
), counted as materialized (
  select s.* from (select array_agg(o.id) as ids from open o) o cross join lateral mailroom.lock_limits(o.ids) s
)
select 'lane' as kind, h.id, null::uuid as organization_id, null::uuid as project_id, null as protocol,
  null::uuid as lane_id, h.holder, h.generation, null::integer as settings_version, null::integer as mails_per_day,
  null::integer as high_reserve, null::bigint as mails, null::bigint as high_mails, null as moment,
  null::boolean as commits_early
from held h
union all
select 'project', o.id, o.organization_id, null, o.protocol, o.lane_id, null, null, o.settings_version, null, null, null,
  null, null, null
from open o
union all
select 'scope', c.scope_id, c.organization_id, c.project_id, c.protocol, null, null, null, null, c.mails_per_day,
  c.high_reserve, c.mails, c.high_mails, c.moment,
  case when c.mails_per_day is not null then set_config('synchronous_commit', 'off', true) = 'off' end
from counted c`;
