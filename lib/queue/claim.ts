import { asDrain, type Database, type Transaction } from '#db/client.ts';
import { toClaimedMail, type ClaimedMail, type ClaimedRow } from './claimed-mail.ts';

/** Bodies above this are never read ahead but streamed; below it a body is surely one part. */
export const prefetchedBodyBytes = 512 * 1024;

const priorities = [0, 1, 2];
const firstPlace = { dueKey: '-infinity', messageId: '00000000-0000-0000-0000-000000000000' };

/** How far the claim has come in each priority of one project, so that it never walks over dead rows again. */
export class ClaimCursor {
  readonly #places = new Map<number, { dueKey: string; messageId: string }>();

  get isAtStart(): boolean {
    return this.#places.size === 0;
  }

  /** Goes back to the most urgent mail. */
  reset(): void {
    this.#places.clear();
  }

  advance(mail: { readonly priority: number; readonly dueKey: string; readonly messageId: string }): void {
    this.#places.set(mail.priority, { dueKey: mail.dueKey, messageId: mail.messageId });
  }

  place(priority: number): { dueKey: string; messageId: string } {
    return this.#places.get(priority) ?? firstPlace;
  }
}

export interface ClaimRequest {
  readonly laneId: string;
  readonly maxMails: number;
  /** Bodies read ahead in this claim take at most so many bytes. */
  readonly maxBytes: number;
  /** Mails in hand already: not yet marked, so the table does not show it. */
  readonly inHand: readonly string[];
  cursorOf(projectId: string): ClaimCursor;
  /** Projects that may be asked, in the order of their turns. */
  inTurn(projects: readonly LaneProject[]): readonly LaneProject[];
}

export interface LaneProject {
  readonly id: string;
  readonly settingsVersion: number;
}

export interface Claim {
  readonly wakeSeq: number;
  readonly activeEndpoint: 'primary' | 'alternate';
  /** Projects of the lane that may send now: set up, neither paused, archived nor stopped. */
  readonly projects: readonly LaneProject[];
  readonly mails: readonly ClaimedMail[];
  readonly projectId: string | null;
}

/**
 * The next due mails of the first project in turn that has any. Reads only: a mail is taken by its `started` mark,
 * and until then by the lane's lease.
 */
export function claimMails(database: Database, request: ClaimRequest): Promise<Claim> {
  return asDrain(database, async (tx) => {
    const { projects, ...lane } = await readLane(tx, request.laneId);
    for (const project of request.inTurn(projects)) {
      const cursor = request.cursorOf(project.id);
      const { rows } = await tx.query<ClaimedRow>(claimStatement, [
        project.id,
        priorities,
        priorities.map((priority) => cursor.place(priority).dueKey),
        priorities.map((priority) => cursor.place(priority).messageId),
        request.maxMails,
        request.inHand,
        prefetchedBodyBytes,
        request.maxBytes,
      ]);
      const bodies = await readBodies(tx, rows);
      const mails = rows.map((row) => toClaimedMail(row, bodies.get(row.message_id) ?? null));
      for (const mail of mails) cursor.advance(mail);
      if (mails.length > 0) return { ...lane, projects, mails, projectId: project.id };
    }
    return { ...lane, projects, mails: [], projectId: null };
  });
}

// Apart from the claim, so that the bytes travel as they are: in hex they would cost more than all the rest.
async function readBodies(
  tx: Transaction,
  rows: readonly ClaimedRow[],
): Promise<ReadonlyMap<string, Buffer>> {
  const wanted = rows.filter(({ size_bytes }) => size_bytes <= prefetchedBodyBytes);
  if (wanted.length === 0) return new Map();
  const bodies = await tx.queryBinary<{ id: string; bytes: Buffer }>(
    `select c.message_id::text as id, c.bytes from unnest($1::uuid[]) as w(id)
     cross join lateral (
       select c.message_id, c.bytes from mailroom.contents c where c.message_id = w.id and c.part = 0 limit 1
     ) c`,
    [wanted.map(({ message_id }) => message_id)],
  );
  return new Map(bodies.rows.map(({ id, bytes }) => [id, bytes]));
}

interface LaneRow {
  readonly wake_seq: number;
  readonly active_endpoint: 'primary' | 'alternate';
  readonly id: string | null;
  readonly settings_version: number | null;
}

async function readLane(
  tx: Transaction,
  laneId: string,
): Promise<Pick<Claim, 'wakeSeq' | 'activeEndpoint' | 'projects'>> {
  const { rows } = await tx.query<LaneRow>(
    `select l.wake_seq, l.active_endpoint, p.id, p.settings_version from mailroom.lanes l
     left join mailroom.projects p on p.lane_id = l.id and p.settings_version is not null
       and p.paused_at is null and p.archived_at is null and l.stopped_at is null
       and not exists (select from mailroom.installation where sending_stopped_at is not null)
     where l.id = $1 order by p.id`,
    [laneId],
  );
  const projects = rows.flatMap(({ id, settings_version }) =>
    id === null || settings_version === null ? [] : [{ id, settingsVersion: settings_version }],
  );
  const [lane] = rows;
  return { wakeSeq: lane?.wake_seq ?? 0, activeEndpoint: lane?.active_endpoint ?? 'primary', projects };
}

// Row-level security does not tie a row's project to its organization, so the claim does: no tenant's row leaves by
// another's server. One index range per priority: mail that is due later stands between the priorities and would be walked over.
const claimStatement = `
with due as materialized (
  select q.message_id, q.priority, q.due_at, q.crash_count
  from unnest($2::smallint[], $3::timestamptz[], $4::uuid[]) as place(priority, due_at, message_id)
  cross join lateral (
    select e.message_id, e.priority, e.due_at, e.crash_count from mailroom.queue_entries e
    where e.project_id = $1 and e.priority = place.priority and e.due_at <= mailroom.now()
      and e.organization_id = (select p.organization_id from mailroom.projects p where p.id = $1)
      and (e.due_at, e.message_id) > (place.due_at, place.message_id)
      and e.attempt_id is null and (e.expires_at is null or e.expires_at > mailroom.now())
      and e.message_id <> all ($6::uuid[])
    order by e.due_at, e.message_id limit $5
  ) q
  order by q.priority, q.due_at, q.message_id limit $5
), mail as materialized (
  select d.priority, d.due_at, d.crash_count, m.*,
    sum(case when m.size_bytes <= $7 then m.size_bytes else 0 end)
      over (order by d.priority, d.due_at, d.message_id) as bytes_ahead
  from due d cross join lateral (select
    m.id, m.organization_id, m.project_id, m.api_key_id, m.internet_message_id, m.from_address, m.envelope_from,
    m.size_bytes, m.attempt_count, m.waited_ms, m.uncertain_count, m.accepted_count, m.released_at
    from mailroom.messages m where m.id = d.message_id and m.project_id = $1 limit 1) m
)
select m.id as message_id, m.organization_id, m.project_id, m.priority, m.due_at::text as due_key, m.internet_message_id,
  m.from_address, m.envelope_from, m.size_bytes, m.attempt_count, m.waited_ms, m.uncertain_count, m.crash_count,
  m.accepted_count, m.released_at is not null as is_released, k.sending_mode as key_mode,
  r.positions, r.addresses, r.captured_count, c.headers, c.filled_headers
from mail m
left join lateral (select k.sending_mode from mailroom.api_keys k where k.id = m.api_key_id limit 1) k on true
cross join lateral (
  select array_agg(r.position order by r.position) filter (where r.state = 'pending') as positions,
    array_agg(r.address order by r.position) filter (where r.state = 'pending') as addresses,
    (count(*) filter (where r.state = 'captured'))::int as captured_count
  from mailroom.recipients r where r.message_id = m.id
) r
left join lateral (
  select c.headers, c.filled_headers
  from mailroom.contents c where c.message_id = m.id and c.part = 0 limit 1
) c on true
where m.bytes_ahead <= $8 or m.bytes_ahead = m.size_bytes
order by m.priority, m.due_at, m.id`;
