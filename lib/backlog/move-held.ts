import type { Transaction } from '#db/client.ts';
import { newIdSql } from './event-id.ts';
import { SqlValues } from './sql-values.ts';

/** A way out of where a mail is held. */
export type MoveKind = 'resume' | 'suspend' | 'return' | 'undo';

export interface Move {
  readonly kind: MoveKind;
  /** The message's history calls it so: an event kind with a label. */
  readonly event: 'resumed' | 'auto_resumed' | 'suspended' | 'returned';
  /** Bits of what a resume lets pass; 0 otherwise. */
  readonly overrides: number;
  /** Who does it, as histories call him. */
  readonly by: string;
  readonly runId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
  /** The transaction has its `tuning` already. */
  readonly isTuned?: true;
}

export interface Moved {
  readonly mails: number;
  readonly byProject: readonly { readonly projectId: string; readonly mails: number }[];
}

/**
 * Settings for a transaction that moves mails, as columns of a select: by their keys alone, for statistics lag behind a
 * backlog that fills in seconds.
 */
export const tuning = `set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)`;

/**
 * Moves the mails that a query finds, in the caller's transaction: back into the queue, to suspended, or back into the
 * backlog. The query answers with message_id; whoever has moved one of them first keeps it, and it is left out here.
 */
export async function moveHeld(
  tx: Transaction,
  move: Move,
  find: (values: SqlValues) => string,
): Promise<Moved> {
  if (move.isTuned !== true) await tx.query(`select ${tuning}`);
  const values = new SqlValues();
  const { rows } = await tx.query<{ project_id: string; mails: number }>(
    `with found as materialized (${find(values)}), ${moving(values, move)}
     select project_id, count(*)::int as mails from taken group by project_id order by project_id`,
    values.list,
  );
  return {
    mails: rows.reduce((sum, { mails }) => sum + mails, 0),
    byProject: rows.map(({ project_id, mails }) => ({ projectId: project_id, mails })),
  };
}

/**
 * The common table expressions that move mails, behind one named `found` that answers with message_id: `taken` has a row
 * of each that moved. What happened is written once for all of a project that one reason held, and each mail remembers
 * it: a row of its own for each was the dearest part of a resume.
 */
export function moving(values: SqlValues, move: Move): string {
  return `given as (
    select ${values.add(move.overrides, 'smallint')} as overrides, ${values.add(move.by, 'text')} as by,
      ${values.add(move.runId, 'uuid')} as run_id, ${values.add(move.event, 'text')} as event,
      ${values.add(JSON.stringify(move.detail), 'jsonb')} as detail, mailroom.now() as now
  ), ${takes[move.kind]}, shared as materialized (
    select ${newIdSql} as id, s.*
    from (select distinct t.organization_id, t.project_id, t.was_reason from taken t) s
  ), told as (
    insert into mailroom.shared_events (id, organization_id, project_id, at, kind, actor_label, detail)
    select s.id, s.organization_id, s.project_id, g.now, g.event, g.by,
      g.detail || jsonb_build_object('reason', s.was_reason, 'runId', g.run_id)
    from shared s cross join given g
  ), shown as (
    update mailroom.messages m set ${shows[move.kind]},
      shared_event_ids = array_append(m.shared_event_ids, s.id)
    from taken t join shared s on s.project_id = t.project_id and s.was_reason = t.was_reason
    where m.id = t.message_id
  )`;
}

/** Locks what was found where it still is in this state, with what held it: an update answers with the new row. */
function lockFound(state: 'backlog' | 'suspended'): string {
  return `chosen as materialized (
    select h.* from (select f.message_id from found f order by f.message_id) f cross join lateral (
      select h.message_id, h.held_at, h.reason from mailroom.held_messages h
      where h.message_id = f.message_id and h.state = '${state}' limit 1 for update
    ) h
  ),`;
}

// What a mail had when it was held goes back with it: its turn, its end, and that it was counted.
const resume = `
taken as (
  delete from mailroom.held_messages h
  where h.message_id = any (array(select f.message_id from found f order by f.message_id)) and h.state = 'backlog'
  returning h.message_id, h.organization_id, h.project_id, h.priority, h.due_at, h.expires_at, h.crash_count,
    h.counted_at, h.overrides, h.reason as was_reason
), queued as (
  insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at, expires_at,
    crash_count, counted_at, overrides)
  select t.message_id, t.organization_id, t.project_id, t.priority, t.due_at, t.expires_at, t.crash_count,
    t.counted_at, t.overrides | g.overrides
  from taken t cross join given g
)`;

// Suspended mails are listed by when that happened; since when they waited is kept for an undo.
const suspend = `
${lockFound('backlog')} taken as (
  update mailroom.held_messages h set state = 'suspended', held_at = (select g.now from given g),
    waited_since = c.held_at, run_id = g.run_id
  from chosen c cross join given g where h.message_id = c.message_id
  returning h.message_id, h.organization_id, h.project_id, c.reason as was_reason
)`;

// A person has brought it back and a person lets it go: auto resume must not.
const returnByHand = `
${lockFound('suspended')} taken as (
  update mailroom.held_messages h set state = 'backlog', reason = 'by_hand', held_at = (select g.now from given g),
    waited_since = null, run_id = null
  from chosen c where h.message_id = c.message_id
  returning h.message_id, h.organization_id, h.project_id, c.reason as was_reason
)`;

// As if it had never been suspended, but for its history.
const undo = `
${lockFound('suspended')} taken as (
  update mailroom.held_messages h set state = 'backlog', held_at = coalesce(h.waited_since, h.held_at),
    waited_since = null, run_id = null
  from chosen c where h.message_id = c.message_id
  returning h.message_id, h.organization_id, h.project_id, h.held_at, c.reason as was_reason
)`;

const takes: Readonly<Record<MoveKind, string>> = { resume, suspend, return: returnByHand, undo };

/** What the message itself says of it, from the rows `t` of `taken`. */
const shows: Readonly<Record<MoveKind, string>> = {
  resume: `state = case when m.attempt_count > 0 then 'retrying' else 'queued' end, state_reason = null,
    state_at = (select g.now from given g), next_attempt_at = case when m.attempt_count > 0 then t.due_at end`,
  suspend: `state = 'suspended', state_at = (select g.now from given g),
    suspended_at = coalesce(m.suspended_at, (select g.now from given g))`,
  return: `state = 'backlog', state_reason = 'by_hand', state_at = (select g.now from given g)`,
  undo: `state = 'backlog', state_at = t.held_at`,
};
