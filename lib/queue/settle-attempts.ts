import { asDrain, type Database, type Transaction } from '#db/client.ts';
import { arrayLiteral } from './array-literal.ts';
import { createMicroBatch } from './micro-batch.ts';
import type { Settlement } from './settlement.ts';
import {
  settlementNames,
  settlementParameterCount,
  settlementParameters,
  settlementValues,
  storable,
} from './settlement-columns.ts';

/** `late`: somebody has replaced the attempt meanwhile; it was appended and the mail left as it is. */
export type SettleAnswer = 'settled' | 'late';

export interface SettleBatch {
  /** Resolves once it is committed: through a database outage it waits in memory and tries again. */
  settle(settlement: Settlement): Promise<SettleAnswer>;
  drained(): Promise<void>;
}

const maxSettlements = 400;
/** A crash leaves at most the outcomes of so long in doubt. */
const gapMs = 50;
const longestRetryMs = 2000;

export interface SettleOptions {
  readonly now: () => number;
  /** Which of the counters' slots this worker adds to. */
  readonly slot: number;
  onTrouble(error: unknown): void;
}

export function createSettleBatch(database: Database, options: SettleOptions): SettleBatch {
  const batch = createMicroBatch<Settlement, SettleAnswer>({
    maxItems: maxSettlements,
    gapMs,
    maxRunning: 2,
    now: options.now,
    run: (settlements) => settleForSure(database, settlements, options),
  });
  return { settle: (settlement) => batch.add(settlement), drained: () => batch.drained() };
}

async function settleForSure(
  database: Database,
  settlements: readonly Settlement[],
  options: SettleOptions,
): Promise<SettleAnswer[]> {
  for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, longestRetryMs)) {
    try {
      return await asDrain(database, (tx) => writeSettlements(tx, settlements, options.slot));
    } catch (error) {
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
  const recipients = settlements.flatMap(({ messageId, decision }) =>
    decision.recipients.map((recipient) => ({ messageId, ...recipient })),
  );
  const { rows } = await tx.queryPrepared<{ message_id: string }>(settleStatement, [
    ...settlementValues(settlements),
    arrayLiteral(recipients.map(({ messageId }) => messageId)),
    arrayLiteral(recipients.map(({ position }) => position)),
    recipients.map(({ state }) => state),
    recipients.map(({ code }) => code),
    recipients.map(({ reply }) => storable(reply)),
    slot,
  ]);
  const settled = new Set(rows.map(({ message_id }) => message_id));
  return settlements.map(({ messageId }) => (settled.has(messageId) ? 'settled' : 'late'));
}

const recipientParameters = ['uuid', 'integer', 'text', 'text', 'text']
  .map((type, index) => `$${settlementParameterCount + 1 + index}::${type}[]`)
  .join(', ');
const slotParameter = `$${settlementParameterCount + 6}`;

const settleStatement = `
with ended as materialized (
  select * from unnest(${settlementParameters}) as e(${settlementNames})
), finished as (
  delete from mailroom.queue_entries q using ended e
  where e.ends and q.message_id = e.message_id
    and (q.attempt_id = e.attempt_id or (q.attempt_id is null and (not e.is_marked or e.outcome = 'accepted')))
  returning q.message_id, (q.attempt_id is not null or not e.is_marked) as is_own
), put_back as (
  update mailroom.queue_entries q set attempt_id = null, attempt_started_at = null, worker_id = null,
    generation = null, settings_version = null, crash_count = e.crash_count,
    due_at = case when e.wait_ms is null then q.due_at
      else mailroom.now() + e.wait_ms * interval '1 millisecond' end
  from ended e
  where not e.ends and q.message_id = e.message_id
    and (q.attempt_id = e.attempt_id or (q.attempt_id is null and not e.is_marked))
  returning q.message_id, q.due_at
), kept as materialized (
  select message_id, is_own, null::timestamptz as due_at from finished
  union all select message_id, true, due_at from put_back
), written as (
  insert into mailroom.attempts (id, message_id, organization_id, project_id, number, worker_id, settings_version,
    endpoint, started_at, ended_at, outcome, stage, code, reply_code, enhanced_code, reply, server_id,
    recipients_accepted, recipients_refused, repeat, transcript, changes)
  select case when k.is_own then e.attempt_id
      -- Its first part is a time: it names the month in which the attempt lies.
      else (left(e.attempt_id::text, 24) || right(gen_random_uuid()::text, 12))::uuid end, e.message_id, e.organization_id,
    e.project_id, e.number, e.worker_id, e.settings_version, e.endpoint, e.started_at, e.ended_at, e.outcome, e.stage,
    e.code, e.reply_code, e.enhanced_code, e.reply, e.server_id, e.accepted, e.refused,
    e.is_repeat or k.is_own is not true, e.transcript::jsonb, e.changes::jsonb
  from ended e left join kept k on k.message_id = e.message_id
  where e.outcome <> 'withheld' and (k.is_own or not exists (
    -- A commit that was not answered may stand: its batch comes again.
    select from mailroom.attempts a where a.id = e.attempt_id and a.outcome = e.outcome))
), changed as (
  update mailroom.messages m set
    settings_version = case when e.is_marked then e.settings_version else m.settings_version end,
    state = e.state, state_reason = e.reason, state_at = mailroom.now(),
    next_attempt_at = case when e.wait_ms is null then null else k.due_at end,
    sent_at = case when e.state = 'sent' then coalesce(m.sent_at, mailroom.now()) else m.sent_at end,
    accepted_count = m.accepted_count + e.newly_accepted,
    attempt_count = m.attempt_count + e.costs_try::int,
    waited_ms = e.waited_ms,
    -- The wait behind a try runs its clock; one behind a server that was not asked about it does not.
    waited_from = case when e.costs_try and e.wait_ms is not null then mailroom.now() end,
    halted_from_ms = case when e.costs_try and e.wait_ms is not null then mailroom.halted_ms(e.project_id) end,
    uncertain_count = e.uncertain_count,
    repeat_count = m.repeat_count + (e.is_repeat and e.costs_try)::int,
    last_reply = case when e.outcome = 'withheld' then m.last_reply
      else nullif(concat_ws(' ', e.reply_code, e.enhanced_code, e.reply), '') end,
    last_code = case when e.outcome = 'withheld' then m.last_code else e.code end
  from ended e join kept k on k.message_id = e.message_id
  where m.id = e.message_id
), answered as (
  update mailroom.recipients r set state = a.state, code = a.code, reply = a.reply, changed_at = mailroom.now()
  from unnest(${recipientParameters}) as a(message_id, position, state, code, reply)
  join kept k on k.message_id = a.message_id
  where r.message_id = a.message_id and r.position = a.position
), counted as (
  insert into mailroom.delivery_counters as c
    (organization_id, project_id, hour, slot, sent, failed, captured, uncertain, retried)
  select e.organization_id, e.project_id, date_trunc('hour', mailroom.now()), ${slotParameter}::smallint,
    count(*) filter (where e.ends and e.state = 'sent'), count(*) filter (where e.ends and e.state = 'failed'),
    count(*) filter (where e.ends and e.state = 'captured'), count(*) filter (where e.ends and e.state = 'uncertain'),
    count(*) filter (where not e.ends and e.costs_try)
  from ended e join kept k on k.message_id = e.message_id
  where e.ends or e.costs_try
  group by e.organization_id, e.project_id order by e.project_id
  on conflict (project_id, hour, slot) do update set
    sent = c.sent + excluded.sent, failed = c.failed + excluded.failed, captured = c.captured + excluded.captured,
    uncertain = c.uncertain + excluded.uncertain, retried = c.retried + excluded.retried
)
select message_id from kept`;
