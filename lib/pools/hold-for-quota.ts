import { asDrain, type Database } from '#db/client.ts';
import { holdMessages } from '../backlog/hold-messages.ts';
import { magicDomain } from '../policy/sending-mode.ts';

const chunk = 1_000;
const heldBy = 'Mailroom';

/**
 * Holds mail that the quota of its project's pool has no room for (PRODUCT 5.9): the mails named, and with `allDue`
 * (nothing is left) everything of the project that is due, in chunks. Mails of which nothing may leave at all are left to
 * their turn: their API key has a sending mode of its own, or their first recipient is a magic one. Mails under way have
 * their permits and go on, marked or not yet. Answers how many were held.
 */
export async function holdForQuota(
  database: Database,
  facts: {
    readonly projectId: string;
    readonly ids: readonly string[];
    readonly allDue: boolean;
    readonly underWay: readonly string[];
  },
): Promise<number> {
  let held = await hold(database, facts.ids);
  if (!facts.allDue) return held;
  for (;;) {
    const { rows } = await asDrain(database, (tx) =>
      tx.query<{ message_id: string }>(dueStatement, [
        facts.projectId,
        chunk,
        `%@${magicDomain}`,
        facts.underWay,
      ]),
    );
    const moved = await hold(
      database,
      rows.map(({ message_id }) => message_id),
    );
    held += moved;
    // What was started or taken back meanwhile is left: the next turn finds it.
    if (rows.length < chunk || moved === 0) return held;
  }
}

async function hold(database: Database, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const moved = await asDrain(database, (tx) => holdMessages(tx, { ids, reason: 'quota', by: heldBy }));
  return moved.length;
}

const dueStatement = `
select e.message_id from unnest(array[0, 1, 2]::smallint[]) as place(priority)
cross join lateral (
  select q.message_id from mailroom.queue_entries q
  where q.project_id = $1 and q.priority = place.priority and q.due_at <= mailroom.now() and q.attempt_id is null
    and q.overrides & 4 = 0 and q.message_id <> all ($4::uuid[])
    and (
      select k.sending_mode is null and m.first_recipient not like $3
      from mailroom.messages m left join mailroom.api_keys k on k.id = m.api_key_id
      where m.id = q.message_id)
  order by q.due_at, q.message_id limit $2
) e
limit $2`;
