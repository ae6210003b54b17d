import { readAsDrain, type Database, type Transaction } from '#db/client.ts';
import type { LimitRoom } from '#lib/policy/decide-hold.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { ClaimCursor } from './claim-cursor.ts';
import { bytesAhead, historyColumn, readClaimed, type ClaimedRow } from './read-claimed.ts';

const priorities = [0, 1, 2];
/** How far a claim that looks back goes behind the present: an accepting transaction is shorter. */
const lookBack = '5 s';

export interface ClaimRequest {
  readonly laneId: string;
  readonly maxMails: number;
  /** Bodies read ahead in this claim take at most so many bytes. */
  readonly maxBytes: number;
  /** Mails in hand already: not yet marked, so the table does not show it. */
  readonly inHand: ReadonlySet<string>;
  cursorOf(projectId: string): ClaimCursor;
  /** Its mails of this priority are being moved into the backlog. */
  isSwept(projectId: string, priority: number): boolean;
  /** Projects that may be asked, in the order of their turns. */
  inTurn(projects: readonly LaneProject[]): readonly LaneProject[];
}

export interface LaneProject {
  readonly id: string;
  readonly organizationId: string;
  readonly settingsVersion: number;
  /** The pool whose rates and quotas it shares; null: nothing paces it. */
  readonly poolId: string | null;
  /** Whether a limit of its own or of its protocol is set. */
  readonly isLimited: boolean;
}

export interface Claim {
  readonly wakeSeq: number;
  readonly activeEndpoint: 'primary' | 'alternate';
  /** Projects of the lane that may send now: set up, neither paused, archived nor stopped. */
  readonly projects: readonly LaneProject[];
  readonly mails: readonly ClaimedMail[];
  readonly projectId: string | null;
  /** What the limits of that project have left; null where none is set. */
  readonly room: LimitRoom | null;
}

/**
 * The next due mails of the first project in turn that has any. Reads only: a mail is taken by its `started` mark,
 * and until then by the lane's lease.
 */
export function claimMails(database: Database, request: ClaimRequest): Promise<Claim> {
  return readAsDrain(database, async (tx) => {
    const { projects, ...lane } = await readLane(tx, request.laneId);
    for (const project of request.inTurn(projects)) {
      const rows = await nextDue(tx, request, project.id);
      if (rows.length === 0) continue;
      const room = project.isLimited ? await readRoom(tx, project.id) : null;
      return {
        ...lane,
        projects,
        mails: await readClaimed(tx, { rows, project }),
        projectId: project.id,
        room,
      };
    }
    return { ...lane, projects, mails: [], projectId: null, room: null };
  });
}

/** The next due rows of one project, as many as may be read ahead; passes over mails that are in hand. */
async function nextDue(
  tx: Transaction,
  request: ClaimRequest,
  projectId: string,
): Promise<readonly ClaimedRow[]> {
  const cursor = request.cursorOf(projectId);
  const asked = priorities.filter((priority) => !request.isSwept(projectId, priority));
  if (asked.length === 0) return [];
  for (;;) {
    const since = cursor.takeLookBack() ? lookBack : null;
    const { rows } = await tx.queryPrepared<ClaimedRow>(dueStatement, [
      projectId,
      asked,
      asked.map((priority) => cursor.place(priority).dueKey),
      asked.map((priority) => cursor.place(priority).messageId),
      request.maxMails,
      since,
    ]);
    const taken: ClaimedRow[] = [];
    let bytes = 0;
    for (const row of rows) {
      const isInHand = request.inHand.has(row.message_id);
      if (!isInHand) bytes += bytesAhead(row);
      if (taken.length > 0 && bytes > request.maxBytes) break;
      if (!isInHand) taken.push(row);
      cursor.advance({ priority: row.priority, dueKey: row.due_key, messageId: row.message_id });
    }
    if (taken.length > 0 || rows.length === 0) return taken;
  }
}

async function readRoom(tx: Transaction, projectId: string): Promise<LimitRoom> {
  const { rows } = await tx.queryPrepared<LimitRoom>(
    `select r.recipients_per_mail as "recipientsPerMail", r.high_left as "highLeft", r.normal_left as "normalLeft"
     from mailroom.limit_room_of($1) r`,
    [projectId],
  );
  return rows[0] ?? { recipientsPerMail: null, highLeft: null, normalLeft: null };
}

interface LaneRow {
  readonly wake_seq: number;
  readonly active_endpoint: 'primary' | 'alternate';
  readonly id: string | null;
  readonly organization_id: string | null;
  readonly settings_version: number | null;
  readonly pool_id: string | null;
  readonly is_limited: boolean;
}

async function readLane(
  tx: Transaction,
  laneId: string,
): Promise<Pick<Claim, 'wakeSeq' | 'activeEndpoint' | 'projects'>> {
  const { rows } = await tx.queryPrepared<LaneRow>(
    `select l.wake_seq, l.active_endpoint, p.id, p.organization_id, p.settings_version, p.pool_id, exists (
         select from mailroom.limit_scopes_of(p.id) s
         where s.mails_per_day is not null or s.recipients_per_mail is not null
       ) as is_limited
     from mailroom.lanes l
     left join mailroom.projects p on p.lane_id = l.id and p.settings_version is not null
       and p.paused_at is null and p.archived_at is null and l.stopped_at is null
       and not exists (select from mailroom.installation where sending_stopped_at is not null)
     where l.id = $1 order by p.id`,
    [laneId],
  );
  const projects = rows.flatMap(({ id, organization_id, settings_version, pool_id, is_limited }) =>
    id === null || organization_id === null || settings_version === null
      ? []
      : [
          {
            id,
            organizationId: organization_id,
            settingsVersion: settings_version,
            poolId: pool_id,
            isLimited: is_limited,
          },
        ],
  );
  const [lane] = rows;
  return { wakeSeq: lane?.wake_seq ?? 0, activeEndpoint: lane?.active_endpoint ?? 'primary', projects };
}

// Row-level security does not tie a row's project to its organization, so the claim does: no tenant's row leaves by
// another's server. One index range per priority: mail that is due later stands between the priorities and would be walked over.
const dueStatement = `
select d.message_id, d.priority, d.due_at::text as due_key, m.internet_message_id, m.api_key_id, m.from_address,
  m.envelope_from, m.size_bytes, m.recipient_count, ${historyColumn} as history
from (
  select q.*
  from (
    select r.priority, least(r.due_at, b.at) as due_at,
      case when r.due_at > b.at then '00000000-0000-0000-0000-000000000000'::uuid else r.message_id end as message_id
    from unnest($2::smallint[], $3::timestamptz[], $4::uuid[]) as r(priority, due_at, message_id)
    cross join (select mailroom.now() - $6::interval as at) b
  ) place
  cross join lateral (
    select e.message_id, e.priority, e.due_at, e.crash_count, e.counted_at is not null as is_counted, e.overrides
    from mailroom.queue_entries e
    where e.project_id = $1 and e.priority = place.priority and e.due_at <= mailroom.now()
      and e.organization_id = (select p.organization_id from mailroom.projects p where p.id = $1)
      and (e.due_at, e.message_id) > (place.due_at, place.message_id)
      and e.attempt_id is null and (e.expires_at is null or e.expires_at > mailroom.now())
    order by e.due_at, e.message_id limit $5
  ) q
  order by q.priority, q.due_at, q.message_id limit $5
) d
cross join lateral (
  select m.* from mailroom.messages m where m.id = d.message_id and m.project_id = $1 limit 1
) m
order by d.priority, d.due_at, d.message_id`;
