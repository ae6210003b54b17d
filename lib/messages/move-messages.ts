import type { Transaction } from '#db/client.ts';
import { maxRepeats } from '../policy/crash-rule.ts';
import { magicDomain } from '../policy/sending-mode.ts';
import type { MessageRunKind } from './labels.ts';

/**
 * What one statement here does to many messages. Sending a finished one again as a new mail is no such thing, and the
 * backlog has its own way to hold.
 */
export type MessageMove = Exclude<MessageRunKind, 'resend' | 'hold'>;

export interface MovedMessage {
  readonly id: string;
  readonly subject: string;
}

/**
 * Does this to those of the messages that it can be done to, in the caller's transaction, and answers which. Whatever
 * has started, finished or been acted on meanwhile, and whatever is of another project, is left out.
 */
export async function moveMessages(
  tx: Transaction,
  move: MessageMove,
  { projectId, ids }: { readonly projectId: string; readonly ids: readonly string[] },
): Promise<readonly MovedMessage[]> {
  const { rows } = await tx.query<MovedMessage>(moves[move], [ids, projectId]);
  return rows;
}

// Its place in the queue alone says when it is due; a pause or a stopped lane still holds it.
const tryNow = `
with due as (
  update mailroom.queue_entries set due_at = mailroom.now()
  where message_id = any ($1::uuid[]) and project_id = $2 and attempt_id is null and due_at > mailroom.now()
  returning message_id
)
update mailroom.messages m
set next_attempt_at = case when m.state = 'retrying' then mailroom.now() end,
  send_at = case when m.send_at > mailroom.now() then mailroom.now() else m.send_at end
from due where m.id = due.message_id
returning m.id, m.subject`;

// The row in the queue is what a worker marks before anything leaves: whoever takes it first has won.
const cancel = `
with queued as (
  delete from mailroom.queue_entries
  where message_id = any ($1::uuid[]) and project_id = $2 and attempt_id is null
  returning message_id
), held as (
  delete from mailroom.held_messages
  where message_id = any ($1::uuid[]) and project_id = $2 and state = 'backlog'
  returning message_id
), taken as (
  select message_id from queued union all select message_id from held
)
update mailroom.messages m
set state = 'cancelled', state_reason = null, state_at = mailroom.now(), next_attempt_at = null
from taken where m.id = taken.message_id
returning m.id, m.subject`;

// A mail that left for others before has been counted in the limits, and is not again (PRODUCT 5.2).
const release = `
with released as (
  update mailroom.messages m
  set state = 'queued', state_reason = null, state_at = mailroom.now(), released_at = mailroom.now()
  where m.id = any ($1::uuid[]) and m.project_id = $2 and m.state in ('captured', 'sent', 'failed')
    and exists (select from mailroom.recipients r where r.message_id = m.id and r.state = 'captured')
  returning m.id, m.organization_id, m.project_id, m.priority, m.expires_at, m.subject
), pending as (
  update mailroom.recipients r set state = 'pending', code = null, reply = null, changed_at = mailroom.now()
  from released where r.message_id = released.id and r.state = 'captured'
), queued as (
  insert into mailroom.queue_entries
    (message_id, organization_id, project_id, priority, due_at, expires_at, counted_at)
  select id, organization_id, project_id, priority, mailroom.now(), expires_at,
    case when exists (
      select from mailroom.recipients r where r.message_id = released.id
        and r.state in ('accepted', 'refused') and r.address not like '%@${magicDomain}'
    ) then mailroom.now() end
  from released
)
select id, subject from released`;

// Whoever was in doubt gets this result; others of the same mail keep theirs (PRODUCT 4.3).
function mark(recipient: 'accepted' | 'refused', code: string): string {
  const gets = recipient === 'accepted' ? 'd.pending' : '0';
  return `
with doubtful as (
  select m.id, (select count(*) from mailroom.recipients r where r.message_id = m.id and r.state = 'pending') as pending
  from mailroom.messages m
  where m.id = any ($1::uuid[]) and m.project_id = $2 and m.state = 'uncertain'
  order by m.id for update of m
), marked as (
  update mailroom.messages m set state_reason = '${code}', state_at = mailroom.now(), next_attempt_at = null,
    accepted_count = m.accepted_count + ${gets},
    state = case when m.accepted_count + ${gets} > 0 then 'sent' else 'failed' end,
    sent_at = case when m.accepted_count + ${gets} > 0 then coalesce(m.sent_at, mailroom.now()) else m.sent_at end
  from doubtful d where m.id = d.id and m.state = 'uncertain'
  returning m.id, m.subject, m.organization_id, m.project_id, m.state
), answered as (
  update mailroom.recipients r set state = '${recipient}', code = '${code}', changed_at = mailroom.now()
  from marked where r.message_id = marked.id and r.state = 'pending'
), counted as (
  insert into mailroom.delivery_counters as c (organization_id, project_id, hour, slot, sent, failed)
  select organization_id, project_id, date_trunc('hour', mailroom.now()), 0,
    count(*) filter (where state = 'sent'), count(*) filter (where state = 'failed')
  from marked group by organization_id, project_id
  on conflict (project_id, hour, slot) do update set
    sent = c.sent + excluded.sent, failed = c.failed + excluded.failed
)
select id, subject from marked`;
}

// The same mail once more, as a marked repeat with its Message-ID: a person's decision begins its time anew, and it was
// counted at its first start. One whose time is over would only expire. More doubts than repeats wait for a look alone.
const sendAgain = `
with again as (
  update mailroom.messages m
  set state = 'retrying', state_reason = 'REPEAT_AFTER_UNCERTAIN', state_at = mailroom.now(),
    next_attempt_at = mailroom.now(), waited_ms = 0, waited_from = null, halted_from_ms = null,
    uncertain_count = least(m.uncertain_count, ${maxRepeats})
  where m.id = any ($1::uuid[]) and m.project_id = $2 and m.state = 'uncertain'
    and (m.expires_at is null or m.expires_at > mailroom.now())
  returning m.id, m.organization_id, m.project_id, m.priority, m.expires_at, m.subject
), queued as (
  insert into mailroom.queue_entries
    (message_id, organization_id, project_id, priority, due_at, expires_at, counted_at)
  select id, organization_id, project_id, priority, mailroom.now(), expires_at, mailroom.now() from again
)
select id, subject from again`;

const moves: Readonly<Record<MessageMove, string>> = {
  try_now: tryNow,
  cancel,
  release,
  mark_sent: mark('accepted', 'MARKED_SENT'),
  mark_failed: mark('refused', 'MARKED_FAILED'),
  send_again: sendAgain,
};
