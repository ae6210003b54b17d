import { asDrain, type Database } from '#db/client.ts';

const batchSize = 500;

/**
 * Ends mails whose time is over, paused or not, queued or in the backlog: expires-at always runs. A started mail
 * finishes first, a suspended one stays for ever. What some of the recipients have got is sent, the rest of them
 * refused (PRODUCT 4.3). Answers how many ended.
 */
export async function expireDue(database: Database, slot: number): Promise<number> {
  let expired = 0;
  for (const { find, end } of [queued, held]) {
    expired += await asDrain(database, async (tx) => {
      const { rows: due } = await tx.query<{ message_id: string }>(find, [batchSize]);
      if (due.length === 0) return 0;
      const { rows } = await tx.query<{ expired: number }>(end, [
        due.map(({ message_id }) => message_id),
        slot,
      ]);
      return rows[0]?.expired ?? 0;
    });
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

// What is due is looked up by itself: nearly always there is nothing, and one statement for all would be planned as if
// there were a whole batch, by tables that grow with every mail ever sent.
const queued = {
  find: `
select message_id from mailroom.queue_entries
where expires_at <= mailroom.now() and attempt_id is null
order by expires_at limit $1 for update skip locked`,
  end: `
with gone as (
  delete from mailroom.queue_entries where message_id = any ($1::uuid[])
  returning message_id, organization_id, project_id
), ${ending}`,
};

const held = {
  find: `
select message_id from mailroom.held_messages
where state = 'backlog' and expires_at <= mailroom.now()
order by expires_at limit $1 for update skip locked`,
  end: `
with gone as (
  delete from mailroom.held_messages where message_id = any ($1::uuid[])
  returning message_id, organization_id, project_id
), ${ending}`,
};
