import { asOwner, asWorker, type Database } from '#db/client.ts';
import { holdMessages } from '#lib/backlog/hold-messages.ts';
import type { HoldReason } from '#lib/policy/hold-reasons.ts';
import { type MailChanges, queueMails, type Scene } from '#tests/integration/queue/queue-scene.ts';

/** Mails that were accepted, and then held by this reason. Answers their ids, oldest first. */
export async function holdMails(
  database: Database,
  scene: Scene,
  count: number,
  changes: MailChanges & { readonly reason?: HoldReason } = {},
): Promise<readonly string[]> {
  const { reason = 'day_limit', ...mail } = changes;
  const ids = await queueMails(database, scene, count, mail);
  const held = await asWorker(database, (tx) => holdMessages(tx, { ids, reason, by: 'Mailroom' }));
  if (held.length !== count) throw new Error(`${held.length} of ${count} mails were held`);
  return ids;
}

/** Several rows of a table or query, as the owner sees them. */
export async function ownerRows<Row extends Record<string, unknown>>(
  database: Database,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return (await asOwner(database, (tx) => tx.query<Row>(text, values))).rows;
}

export interface StateOfMail {
  readonly state: string;
  readonly state_reason: string | null;
  readonly in_queue: boolean;
  readonly held_state: string | null;
  readonly overrides: number | null;
}

/** Where these mails are: their state, and in which table of waiting mails they stand. */
export function statesOf(database: Database, ids: readonly string[]): Promise<readonly StateOfMail[]> {
  return ownerRows<StateOfMail & Record<string, unknown>>(
    database,
    `select m.state, m.state_reason, q.message_id is not null as in_queue, h.state as held_state,
       coalesce(q.overrides, h.overrides) as overrides
     from unnest($1::uuid[]) with ordinality as w(id, place)
     join mailroom.messages m on m.id = w.id
     left join mailroom.queue_entries q on q.message_id = m.id
     left join mailroom.held_messages h on h.message_id = m.id
     order by w.place`,
    [ids],
  );
}
