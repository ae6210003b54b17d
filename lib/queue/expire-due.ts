import { asDrain, type Database } from '#db/client.ts';

const batchSize = 500;

/**
 * Ends mails whose time is over, paused or not, queued or in the backlog: expires-at always runs. A started mail
 * finishes first, a suspended one stays for ever. What some of the recipients have got is sent, the rest of them
 * refused (PRODUCT 4.3). Answers how many ended.
 */
export async function expireDue(database: Database, slot: number): Promise<number> {
  let expired = 0;
  for (const statement of [expireQueued, expireHeld]) {
    const { rows } = await asDrain(database, (tx) =>
      tx.query<{ expired: number }>(statement, [batchSize, slot]),
    );
    expired += rows[0]?.expired ?? 0;
  }
  return expired;
}

// Behind a CTE `gone` of what left the queue or the backlog.
const ending = `
refused as (
  update mailroom.recipients r set state = 'refused', code = 'EXPIRED', changed_at = mailroom.now()
  from gone where r.message_id = gone.message_id and r.state = 'pending'
), shown as (
  update mailroom.messages m set state_at = mailroom.now(), next_attempt_at = null,
    state = case when m.accepted_count > 0 then 'sent' else 'expired' end,
    state_reason = case when m.accepted_count > 0 then null else 'EXPIRED' end,
    sent_at = case when m.accepted_count > 0 then coalesce(m.sent_at, mailroom.now()) else m.sent_at end
  from gone where m.id = gone.message_id
  returning m.organization_id, m.project_id, m.state
), counted as (
  insert into mailroom.delivery_counters as c (organization_id, project_id, hour, slot, sent, expired)
  select organization_id, project_id, date_trunc('hour', mailroom.now()), $2::smallint,
    count(*) filter (where state = 'sent'), count(*) filter (where state = 'expired')
  from shown group by organization_id, project_id order by project_id
  on conflict (project_id, hour, slot) do update set
    sent = c.sent + excluded.sent, expired = c.expired + excluded.expired
)
select count(*)::int as expired from gone`;

const expireQueued = `
with due as materialized (
  select message_id from mailroom.queue_entries
  where expires_at <= mailroom.now() and attempt_id is null
  order by expires_at limit $1 for update skip locked
), gone as (
  delete from mailroom.queue_entries q using due where q.message_id = due.message_id
  returning q.message_id, q.organization_id, q.project_id
), ${ending}`;

const expireHeld = `
with due as materialized (
  select message_id from mailroom.held_messages
  where state = 'backlog' and expires_at <= mailroom.now()
  order by expires_at limit $1 for update skip locked
), gone as (
  delete from mailroom.held_messages h using due where h.message_id = due.message_id
  returning h.message_id, h.organization_id, h.project_id
), ${ending}`;
