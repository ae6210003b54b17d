import type { Transaction } from '#db/client.ts';
import type { HoldReason } from '../policy/hold-reasons.ts';
import { newIdSql } from './event-id.ts';

/**
 * The common table expressions that hold mails, behind one named `taken` that answers with whole rows deleted from
 * queue_entries. Parameters: $1 the reason, $2 who holds (for the message's history), $3 the bulk run or null. `held`
 * answers with the ids and their projects.
 */
export const holdTaken = `
held as (
  insert into mailroom.held_messages (message_id, organization_id, project_id, state, reason, held_at, priority,
    category, recipient_count, size_bytes, due_at, expires_at, counted_at, overrides, crash_count, run_id)
  select t.message_id, t.organization_id, t.project_id, 'backlog', $1::text, (select mailroom.now()), t.priority,
    m.category, m.recipient_count, m.size_bytes, t.due_at, t.expires_at, t.counted_at, t.overrides, t.crash_count,
    $3::uuid
  from taken t cross join lateral (
    select m.category, m.recipient_count, m.size_bytes from mailroom.messages m where m.id = t.message_id limit 1
  ) m
  returning message_id, project_id
), shared as materialized (
  select ${newIdSql} as id, s.* from (select distinct t.organization_id, t.project_id from taken t) s
), told as (
  insert into mailroom.shared_events (id, organization_id, project_id, at, kind, actor_label, detail)
  select s.id, s.organization_id, s.project_id, mailroom.now(), 'held', $2::text,
    jsonb_build_object('reason', $1::text)
  from shared s
), shown as (
  update mailroom.messages m set state = 'backlog', state_reason = $1::text, state_at = (select mailroom.now()),
    next_attempt_at = null, shared_event_ids = array_append(m.shared_event_ids, s.id)
  from taken t join shared s on s.project_id = t.project_id where m.id = t.message_id
)`;

export interface Hold {
  readonly ids: readonly string[];
  /** Only those of this project; without, of any that the role sees. */
  readonly projectId?: string;
  readonly reason: HoldReason;
  /** Who holds, as the message's history calls it. */
  readonly by: string;
  readonly runId?: string;
}

export interface HeldMessage {
  readonly id: string;
  readonly projectId: string;
}

/**
 * Moves those of the mails that have not started from the queue into the backlog, in the caller's transaction and
 * under its role. Answers what moved; a mail that is not in the queue or has its `started` mark stays as it is.
 */
export async function holdMessages(tx: Transaction, hold: Hold): Promise<readonly HeldMessage[]> {
  const { rows } = await tx.query<{ message_id: string; project_id: string }>(holdStatement, [
    hold.reason,
    hold.by,
    hold.runId ?? null,
    hold.ids,
    hold.projectId ?? null,
  ]);
  return rows.map((row) => ({ id: row.message_id, projectId: row.project_id }));
}

const holdStatement = `
with taken as (
  delete from mailroom.queue_entries
  where message_id = any ($4::uuid[]) and attempt_id is null and ($5::uuid is null or project_id = $5)
  returning *
), ${holdTaken}
select message_id, project_id from held`;
