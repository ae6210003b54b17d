import { asDrain, type Database } from '#db/client.ts';
import { holdMessages, holdTaken } from '#lib/backlog/hold-messages.ts';
import type { HoldReason } from '#lib/policy/hold-reasons.ts';
import { magicDomain } from '#lib/policy/sending-mode.ts';

/** How many mails are held at once. */
const chunk = 1_000;
/** Who holds, as the message's history calls it. */
const heldBy = 'Mailroom';

/**
 * Moves what is due of a project into the backlog, its limit of the day being spent for mail of this priority
 * (PRODUCT 5.4): the oldest, a chunk of them. Mails that were counted before or let pass by a person stay, and so do
 * those of which nothing may leave at all, as their own turn finds out: their API key has a sending mode of its own, or
 * their first recipient is a magic one. Where there is room by now, a new day has begun, all stay. Answers how many were
 * held.
 */
export async function holdDue(
  database: Database,
  spent: { readonly projectId: string; readonly isHigh: boolean },
): Promise<number> {
  const { rows } = await asDrain(database, (tx) =>
    tx.query<{ held: number }>(holdDueStatement, [
      'day_limit' satisfies HoldReason,
      heldBy,
      null,
      spent.projectId,
      spent.isHigh ? [0] : [1, 2],
      chunk,
      `%@${magicDomain}`,
    ]),
  );
  return rows[0]?.held ?? 0;
}

/** Holds one mail whose turn has come; one that is not in the queue any more stays as it is. */
export async function holdMail(database: Database, id: string, reason: HoldReason): Promise<void> {
  await asDrain(database, (tx) => holdMessages(tx, { ids: [id], reason, by: heldBy }));
}

/** As `holdDue`, for one mail alone. */
export async function holdOneDue(
  database: Database,
  mail: { readonly messageId: string; readonly projectId: string; readonly isHigh: boolean },
): Promise<void> {
  await asDrain(database, (tx) =>
    tx.query(holdOneStatement, [
      'day_limit' satisfies HoldReason,
      heldBy,
      null,
      mail.projectId,
      mail.isHigh ? [0] : [1, 2],
      mail.messageId,
    ]),
  );
}

// Looked at again by the statement that holds: midnight may have passed since the claim looked.
const room = `
room as materialized (
  select case when 0 = any ($5::smallint[]) then r.high_left else r.normal_left end as left
  from mailroom.limit_room_of($4) r
)`;

const holdOneStatement = `
with ${room}, taken as (
  delete from mailroom.queue_entries q using room
  where q.message_id = $6 and q.attempt_id is null and room.left <= 0 returning q.*
), ${holdTaken}
select count(*)::int as held from held`;

// A scalar query by the mail's key: Postgres turns a `not exists` into a join over all messages.
const holdDueStatement = `
with ${room}, due as materialized (
  select q.message_id from room cross join unnest($5::smallint[]) as place(priority)
  cross join lateral (
    select e.message_id from mailroom.queue_entries e
    where e.project_id = $4 and e.priority = place.priority and e.due_at <= mailroom.now() and e.attempt_id is null
      and e.counted_at is null and e.overrides & 1 = 0
      and (
        select k.sending_mode is null and m.first_recipient not like $7
        from mailroom.messages m left join mailroom.api_keys k on k.id = m.api_key_id
        where m.id = e.message_id)
    order by e.due_at, e.message_id limit $6 for update of e skip locked
  ) q where room.left <= 0 limit $6
), taken as (
  delete from mailroom.queue_entries q using due d where q.message_id = d.message_id returning q.*
), ${holdTaken}
select count(*)::int as held from held`;
