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
  const given = `select ${values.add(move.overrides, 'smallint')} as overrides, ${values.add(move.by, 'text')} as by,
    ${values.add(move.runId, 'uuid')} as run_id, ${values.add(move.event, 'text')} as event,
    ${values.add(JSON.stringify(move.detail), 'jsonb')} as detail, mailroom.now() as now`;
  const { rows } = await tx.query<{ project_id: string; mails: number }>(
    `with given as (${given}), found as materialized (${find(values)}),
     ${moves[move.kind]}, told as (
       insert into mailroom.message_events (id, organization_id, project_id, message_id, at, kind, actor_label, detail)
       select ${newIdSql}, t.organization_id, t.project_id, t.message_id, g.now, g.event, g.by,
         g.detail || jsonb_build_object('reason', t.was_reason, 'heldAt', t.was_held_at, 'runId', g.run_id)
       from taken t cross join given g
     )
     select project_id, count(*)::int as mails from taken group by project_id order by project_id`,
    values.list,
  );
  return {
    mails: rows.reduce((sum, { mails }) => sum + mails, 0),
    byProject: rows.map(({ project_id, mails }) => ({ projectId: project_id, mails })),
  };
}

/** Locks what was found where it still is in this state, with what it was held by: an update answers with the new row. */
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
  returning h.*, h.reason as was_reason, h.held_at as was_held_at
), queued as (
  insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at, expires_at,
    crash_count, counted_at, overrides)
  select t.message_id, t.organization_id, t.project_id, t.priority, t.due_at, t.expires_at, t.crash_count,
    t.counted_at, t.overrides | g.overrides
  from taken t cross join given g
), shown as (
  update mailroom.messages m set state = case when m.attempt_count > 0 then 'retrying' else 'queued' end,
    state_reason = null, state_at = (select g.now from given g),
    next_attempt_at = case when m.attempt_count > 0 then t.due_at end
  from taken t where m.id = t.message_id
)`;

// Suspended mails are listed by when that happened; when they were held stays in their history.
const suspend = `
${lockFound('backlog')} taken as (
  update mailroom.held_messages h set state = 'suspended', held_at = (select g.now from given g), run_id = g.run_id
  from chosen c cross join given g where h.message_id = c.message_id
  returning h.message_id, h.organization_id, h.project_id, c.reason as was_reason, c.held_at as was_held_at
), shown as (
  update mailroom.messages m set state = 'suspended', state_at = (select g.now from given g),
    suspended_at = coalesce(m.suspended_at, (select g.now from given g))
  from taken t where m.id = t.message_id
)`;

// A person has brought it back and a person lets it go: auto resume must not.
const returnByHand = `
${lockFound('suspended')} taken as (
  update mailroom.held_messages h set state = 'backlog', reason = 'by_hand', held_at = (select g.now from given g), run_id = null
  from chosen c where h.message_id = c.message_id
  returning h.message_id, h.organization_id, h.project_id, c.reason as was_reason, c.held_at as was_held_at
), shown as (
  update mailroom.messages m set state = 'backlog', state_reason = 'by_hand', state_at = (select g.now from given g)
  from taken t where m.id = t.message_id
)`;

// As if it had never been suspended, but for its history.
const undo = `
${lockFound('suspended')} taken as (
  update mailroom.held_messages h set state = 'backlog', run_id = null, held_at = coalesce((
    select (e.detail ->> 'heldAt')::timestamptz from mailroom.message_events e
    where e.message_id = h.message_id and e.kind = 'suspended' order by e.id desc limit 1
  ), h.held_at)
  from chosen c where h.message_id = c.message_id
  returning h.message_id, h.organization_id, h.project_id, h.held_at, c.reason as was_reason,
    c.held_at as was_held_at
), shown as (
  update mailroom.messages m set state = 'backlog', state_at = t.held_at
  from taken t where m.id = t.message_id
)`;

const moves: Readonly<Record<MoveKind, string>> = { resume, suspend, return: returnByHand, undo };
