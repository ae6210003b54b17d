import { asDrain, type Database, type Transaction } from '#db/client.ts';
import { isLockTimeout } from '#lib/database-trouble.ts';
import { createGroupedBatch } from './grouped-batch.ts';
import type { Settlement } from './settlement.ts';
import { endedAttempts, settlementValues, slotParameter } from './settlement-columns.ts';

/** `late`: somebody has replaced the attempt meanwhile; it was appended and the mail left as it is. */
export type SettleAnswer = 'settled' | 'late';

export interface SettleBatch {
  /** Resolves once it is committed: through a database outage it waits in memory and tries again. */
  settle(settlement: Settlement): Promise<SettleAnswer>;
  /** A lane has nothing more under way. */
  hurry(): void;
  drained(): Promise<void>;
}

const maxSettlements = 400;
/** A crash leaves at most the outcomes of so long in doubt. */
const gapMs = 50;
const longestRetryMs = 500;

export interface SettleOptions {
  readonly now: () => number;
  /** Which of the counters' slots this worker adds to. */
  readonly slot: number;
  onTrouble(error: unknown): void;
}

export function createSettleBatch(database: Database, options: SettleOptions): SettleBatch {
  const batch = createGroupedBatch<Settlement, SettleAnswer>({
    groupOf: ({ projectId }) => projectId,
    maxItems: maxSettlements,
    gapMs,
    maxRunning: 2,
    now: options.now,
    run: (settlements, lockWaitMs) => settleForSure(database, settlements, { ...options, lockWaitMs }),
  });
  return {
    settle: (settlement) => batch.add(settlement),
    hurry: () => batch.hurry(),
    drained: () => batch.drained(),
  };
}

async function settleForSure(
  database: Database,
  settlements: readonly Settlement[],
  options: SettleOptions & { readonly lockWaitMs: number },
): Promise<SettleAnswer[]> {
  const { slot, lockWaitMs } = options;
  for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
    try {
      return await asDrain(database, (tx) => writeSettlements(tx, settlements, slot), { lockWaitMs });
    } catch (error) {
      if (isLockTimeout(error)) throw error;
      options.onTrouble(error);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** Writes a batch of ended attempts, each fenced by its attempt id. */
export async function writeSettlements(
  tx: Transaction,
  settlements: readonly Settlement[],
  slot: number,
): Promise<SettleAnswer[]> {
  const answers: SettleAnswer[] = settlements.map(() => 'settled');
  const { rows } = await tx.queryPrepared<{ place: number; is_settled: boolean }>(settleStatement, [
    ...settlementValues(settlements),
    slot,
  ]);
  if (rows.length === 0) return answers;
  for (const { place, is_settled } of rows) if (!is_settled) answers[place - 1] = 'late';
  const replaced = rows.flatMap(({ place }) => settlements[place - 1] ?? []);
  await tx.queryPrepared(lateStatement, settlementValues(replaced));
  return answers;
}

const attemptColumns = `id, message_id, organization_id, project_id, number, worker_id, settings_version, endpoint,
    started_at, ended_at, outcome, stage, code, reply_code, enhanced_code, reply, server_id, recipients_accepted,
    recipients_refused, repeat, transcript, changes`;
// Of an ended attempt `e` and its fate `f`.
const attemptValues = `e.message_id, f.organization_id, f.project_id, f.number, f.worker_id, f.settings_version,
    f.endpoint, to_timestamp(e.started_ms::float8 / 1000), to_timestamp(e.ended_ms::float8 / 1000), f.outcome, f.stage,
    f.code, f.reply_code, f.enhanced_code, f.reply, f.server_id, f.accepted, f.refused`;

// What the mails have in common comes once, as fates and answers. Answers with those whose mark was not theirs: the
// others are settled.
const settleStatement = `
with ${endedAttempts}, moment as materialized (
  select mailroom.now() as at
), finished as (
  delete from mailroom.queue_entries q using ended e join fate f on f.fate = e.fate
  where f.ends and q.message_id = e.message_id
    and (q.attempt_id = e.attempt_id or (q.attempt_id is null and (not f.is_marked or f.outcome = 'accepted')))
  returning e.*, (q.attempt_id is not null or not f.is_marked) as is_own
), put_back as (
  update mailroom.queue_entries q set attempt_id = null, attempt_started_at = null, worker_id = null,
    generation = null, settings_version = null, crash_count = f.crash_count,
    due_at = case when f.wait_ms is null then q.due_at
      else (select at from moment) + f.wait_ms * interval '1 millisecond' end
  from ended e join fate f on f.fate = e.fate
  where not f.ends and q.message_id = e.message_id
    and (q.attempt_id = e.attempt_id or (q.attempt_id is null and not f.is_marked))
  returning e.*, q.due_at
), kept as materialized (
  select *, null::timestamptz as due_at from finished
  union all select place, message_id, attempt_id, fate, started_ms, ended_ms, true, due_at from put_back
), written as (
  insert into mailroom.attempts (${attemptColumns})
  select e.attempt_id, ${attemptValues}, f.is_repeat, f.transcript::jsonb, f.changes::jsonb
  from kept e join fate f on f.fate = e.fate
  where e.is_own and f.outcome <> 'withheld'
), changed as (
  update mailroom.messages m set
    settings_version = case when f.is_marked then f.settings_version else m.settings_version end,
    state = f.state, state_reason = f.reason, state_at = (select at from moment),
    next_attempt_at = case when f.wait_ms is null then null else k.due_at end,
    sent_at = case when f.state = 'sent' then coalesce(m.sent_at, (select at from moment)) else m.sent_at end,
    accepted_count = m.accepted_count + f.newly_accepted,
    attempt_count = m.attempt_count + f.costs_try::int,
    waited_ms = f.waited_ms,
    -- The wait behind a try runs its clock; one behind a server that was not asked about it does not.
    waited_from = case when f.costs_try and f.wait_ms is not null then (select at from moment) end,
    halted_from_ms = case when f.costs_try and f.wait_ms is not null then mailroom.halted_ms(f.project_id) end,
    uncertain_count = f.uncertain_count,
    repeat_count = m.repeat_count + (f.is_repeat and f.costs_try)::int,
    last_reply = case when f.outcome = 'withheld' then m.last_reply else f.said end,
    last_code = case when f.outcome = 'withheld' then m.last_code else f.code end
  from kept k join fate f on f.fate = k.fate
  where m.id = k.message_id
), answered as (
  update mailroom.recipients r set state = a.state, code = a.code, reply = a.reply, changed_at = (select at from moment)
  from (
    -- Joined before it meets the table: planned while that is small, the plan would look by the position alone.
    select k.message_id, w.position, a.state, a.code, a.reply
    from recipient w join kept k on k.place = w.place join answer a on a.answer = w.answer offset 0
  ) a
  where r.message_id = a.message_id and r.position = a.position
), counted as (
  insert into mailroom.delivery_counters as c
    (organization_id, project_id, hour, slot, sent, failed, captured, uncertain, retried)
  select f.organization_id, f.project_id, date_trunc('hour', (select at from moment)), ${slotParameter}::smallint,
    coalesce(sum(k.mails) filter (where f.ends and f.state = 'sent'), 0),
    coalesce(sum(k.mails) filter (where f.ends and f.state = 'failed'), 0),
    coalesce(sum(k.mails) filter (where f.ends and f.state = 'captured'), 0),
    coalesce(sum(k.mails) filter (where f.ends and f.state = 'uncertain'), 0),
    coalesce(sum(k.mails) filter (where not f.ends and f.costs_try), 0)
  from (select fate, count(*) as mails from kept group by fate) k join fate f on f.fate = k.fate
  where f.ends or f.costs_try
  group by f.organization_id, f.project_id order by f.project_id
  on conflict (project_id, hour, slot) do update set
    sent = c.sent + excluded.sent, failed = c.failed + excluded.failed, captured = c.captured + excluded.captured,
    uncertain = c.uncertain + excluded.uncertain, retried = c.retried + excluded.retried
)
select e.place, k.place is not null as is_settled from ended e left join kept k on k.place = e.place
where k.is_own is not true`;

// An attempt that somebody has replaced is appended under another id; the first part of an id is a time, and names the
// month in which the attempt lies. A commit that was not answered may stand: its batch comes again.
const lateStatement = `
with ${endedAttempts}
insert into mailroom.attempts (${attemptColumns})
select (left(e.attempt_id::text, 24) || right(gen_random_uuid()::text, 12))::uuid, ${attemptValues}, true,
  f.transcript::jsonb, f.changes::jsonb
from ended e join fate f on f.fate = e.fate
cross join lateral (
  select count(*) as times from mailroom.attempts a
  where a.message_id = e.message_id and a.id = e.attempt_id and a.outcome = f.outcome
) known
where f.outcome <> 'withheld' and known.times = 0`;
