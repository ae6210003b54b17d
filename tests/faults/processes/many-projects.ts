import assert from 'node:assert/strict';
import { asOwner } from '#db/client.ts';
import { newId } from '#lib/ids.ts';
import { queueMails } from '#tests/integration/queue/queue-scene.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import type { Fault } from '../fault.ts';
import type { Desk } from '../support/desk.ts';
import type { Ground } from '../support/ground.ts';

const mailsOfLarge = 100_000;
const smallProjects = 10_000;

/** PRODUCT 4.5: turns for ten thousand small ones beside a huge one. */
export const manyProjects: Fault = {
  name: 'many-projects',
  title: `${smallProjects} projects with one mail each beside one with ${mailsOfLarge}: the small ones need not wait for it`,
  needs: 'workers',
  isLong: true,
  withinMs: 1_500_000,
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const large = await ground.openDesk(sink, { connection: { maxConnections: 20 } });
    await makeSmallProjects(ground, large);
    for (let done = 0; done < mailsOfLarge; done += 10_000) {
      large.accepted.push(...(await queueMails(ground.ctx.database, placeOf(ground, large), 10_000)));
    }
    // Each small project gets one of the large one's mails: the same in every table.
    const given = large.accepted.slice(0, smallProjects);
    await giveToSmallProjects(ground, large, given);
    const since = performance.now();
    await Promise.all([ground.startWorker(), ground.startWorker()]);
    await waitUntil('an end of the small ones', async () => (await queuedBeside(ground, large)) === 0, {
      withinMs: 900_000,
      everyMs: 250,
    });
    ground.fairShareMs = await medianWait(ground, large);
    const seconds = Math.round((performance.now() - since) / 1000);
    const left = await large.queued();
    ground.say(`half of the small projects waited ${Math.round(ground.fairShareMs / 1000)} s for their turn`);
    ground.say(
      `the last of ${smallProjects} small projects was done after ${seconds} s; the large one had ${left} left`,
    );
    await large.settled(900_000);
    assert.equal(sink.mailbox.size, mailsOfLarge);
    assert.equal(sink.mailbox.arrivals.length, mailsOfLarge);
    const ids = new Set(given);
    large.accepted.splice(0, large.accepted.length, ...large.accepted.filter((id) => !ids.has(id)));
    const theirs = new Set(given.map((id) => `<${id}@test>`));
    const others = sink.mailbox.arrivals.filter(({ messageId }) => !theirs.has(messageId));
    sink.mailbox.arrivals.splice(0, sink.mailbox.arrivals.length, ...others);
  },
};

function placeOf({ ctx }: Ground, { project, laneId }: Desk) {
  return { organization: { id: ctx.organizationId, slug: 'faults' }, project: { ...project, laneId } };
}

/** Projects with lanes of their own and the large one's settings. */
async function makeSmallProjects({ ctx }: Ground, large: Desk): Promise<void> {
  const ids = Array.from({ length: smallProjects }, () => newId());
  const lanes = Array.from({ length: smallProjects }, () => newId());
  const versions = Array.from({ length: smallProjects }, () => newId());
  await asOwner(ctx.database, async (tx) => {
    await tx.query(
      'insert into mailroom.lanes (id, organization_id) select id, $2 from unnest($1::uuid[]) as id',
      [lanes, ctx.organizationId],
    );
    await tx.query(
      `insert into mailroom.projects (id, organization_id, slug, name, lane_id)
       select p.id, $3, 'small-' || p.place, 'Small ' || p.place, p.lane
       from unnest($1::uuid[], $2::uuid[]) with ordinality as p(id, lane, place)`,
      [ids, lanes, ctx.organizationId],
    );
    await tx.query(
      `insert into mailroom.mail_settings_versions
         (id, organization_id, project_id, version, document, origin, changes, actor_kind, actor_label)
       select s.id, v.organization_id, s.project_id, 1, v.document, 'saved', '[]', 'operator', 'faults'
       from unnest($1::uuid[], $2::uuid[]) as s(id, project_id)
       cross join (select * from mailroom.mail_settings_versions where project_id = $3 order by version desc limit 1) v`,
      [versions, ids, large.project.id],
    );
    await tx.query('update mailroom.projects set settings_version = 1 where id = any ($1::uuid[])', [ids]);
  });
}

async function giveToSmallProjects({ ctx }: Ground, large: Desk, given: readonly string[]): Promise<void> {
  await asOwner(ctx.database, async (tx) => {
    const { rows } = await tx.query<{ id: string }>(
      'select id from mailroom.projects where organization_id = $1 and slug like $2',
      [ctx.organizationId, 'small-%'],
    );
    const projects = rows.map(({ id }) => id);
    for (const table of ['messages', 'recipients', 'queue_entries']) {
      const key = table === 'messages' ? 'id' : 'message_id';
      await tx.query(
        `update mailroom.${table} t set project_id = g.project_id
         from unnest($1::uuid[], $2::uuid[]) as g(id, project_id) where t.${key} = g.id and t.project_id = $3`,
        [given, projects, large.project.id],
      );
    }
  });
}

/** What half of the small projects waited for their turn since the last of them was made, in ms. */
async function medianWait({ ctx }: Ground, large: Desk): Promise<number> {
  const { rows } = await asOwner(ctx.database, (tx) =>
    tx.query<{ waited_ms: number }>(
      `select coalesce(percentile_disc(0.5) within group (
         order by extract(epoch from m.sent_at - w.started_at) * 1000), 0)::int as waited_ms
       from mailroom.messages m join mailroom.projects p on p.id = m.project_id
       cross join (select min(started_at) as started_at from mailroom.workers) w
       where p.slug like 'small-%' and m.project_id <> $1`,
      [large.project.id],
    ),
  );
  return rows[0]?.waited_ms ?? 0;
}

async function queuedBeside({ ctx }: Ground, large: Desk): Promise<number> {
  const { rows } = await asOwner(ctx.database, (tx) =>
    tx.query<{ count: number }>(
      `select count(*)::int as count from mailroom.queue_entries q join mailroom.projects p on p.id = q.project_id
       where p.slug like 'small-%' and q.project_id <> $1`,
      [large.project.id],
    ),
  );
  return rows[0]?.count ?? 0;
}
