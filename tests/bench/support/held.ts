import type { Database } from '#db/client.ts';
import { newId } from '#lib/ids.ts';

export interface HeldScene {
  readonly organizationId: string;
  readonly project: { readonly id: string; readonly slug: string };
}

/** An organization with one paused project, whose mails stay where they are put. */
export async function makeHeldScene(database: Database, slug: string): Promise<HeldScene> {
  const organizationId = newId();
  const project = { id: newId(), slug };
  const laneId = newId();
  await database.pool.query(
    `insert into mailroom.organizations (id, slug, name, time_zone) values ($1, $2, $2, 'UTC')`,
    [organizationId, slug],
  );
  await database.pool.query('insert into mailroom.lanes (id, organization_id) values ($1, $2)', [
    laneId,
    organizationId,
  ]);
  await database.pool.query(
    `insert into mailroom.projects (id, organization_id, slug, name, lane_id, paused_at)
     values ($1, $2, $3, $3, $4, now())`,
    [project.id, organizationId, slug, laneId],
  );
  return { organizationId, project };
}

/**
 * Puts so many mails into the backlog of a project, oldest first over the last day: each with a number of its own and a
 * word of every third in its subject, one reader of 50,000, one of five categories, and now and then another reason.
 */
export async function fillHeld(database: Database, scene: HeldScene, mails: number): Promise<void> {
  const tenant = [scene.organizationId, scene.project.id];
  const node = scene.project.id.slice(-8);
  const source = `generate_series(1, $3::int) as i cross join lateral (
    select (lpad(to_hex((extract(epoch from date_trunc('day', now())) * 1000)::bigint - 86400000 + i * 80::bigint), 12, '0')
      || '7' || lpad(to_hex(i % 4096), 3, '0') || '8' || lpad(to_hex(i), 7, '0') || '${node}')::uuid as id,
      date_trunc('day', now()) - interval '1 day' + i * interval '80 ms' as at,
      case when i % 1000 = 0 then 'flood' when i % 100 = 0 then 'by_hand' else 'day_limit' end as reason) as mail`;
  await database.pool.query(
    `insert into mailroom.messages (id, organization_id, project_id, source, category, priority, state, state_reason,
       state_at, accepted_at, subject, internet_message_id, first_recipient, recipient_count, size_bytes)
     select id, $1, $2, 'api', 'c' || i % 5, case when i % 50 = 0 then 0 else 1 end, 'backlog', reason, at, at,
       'Ticket SD-' || i, '<' || id || '@bench>', 'reader' || i % 50000 || '@example.net', 1 + i % 3,
       2000 + ((i::bigint * 7919) % 100000)::int
     from ${source}`,
    [...tenant, mails],
  );
  await database.pool.query(
    `insert into mailroom.message_search (message_id, organization_id, project_id, internet_message_id, subject, tags, metadata)
     select id, $1, $2, '<' || id || '@bench>',
       to_tsvector('simple', 'Ticket SD ' || i || case when i % 3 = 0 then ' invoice' else '' end), '{}', '{}'
     from ${source}`,
    [...tenant, mails],
  );
  await database.pool.query(
    `insert into mailroom.recipients (message_id, position, organization_id, project_id, address, kind, state)
     select id, 0, $1, $2, 'reader' || i % 50000 || '@example.net', 'to', 'pending' from ${source}`,
    [...tenant, mails],
  );
  await database.pool.query(
    `insert into mailroom.held_messages (message_id, organization_id, project_id, state, reason, held_at, priority,
       category, recipient_count, size_bytes, due_at, expires_at)
     select id, $1, $2, 'backlog', reason, at, case when i % 50 = 0 then 0 else 1 end, 'c' || i % 5, 1 + i % 3,
       2000 + ((i::bigint * 7919) % 100000)::int, at, case when i % 2 = 0 then at + interval '30 days' end
     from ${source}`,
    [...tenant, mails],
  );
}
