import { withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import type { FloodCounter } from './flood-counter.ts';

/** A shape seen once here is left out: whatever is one of a kind costs Postgres nothing. */
const leastSeen = 2;

/** Adds what was counted here to what all portals have counted, and learns the sums. */
export async function exchangeCounts(
  ctx: Context,
  projectId: string,
  counters: ReadonlyMap<string, FloodCounter>,
): Promise<void> {
  const nowMs = ctx.clock.now().getTime();
  const told = [...counters]
    .filter(([, counter]) => counter.fresh > 0 && counter.seen(nowMs) >= leastSeen)
    .map(([shape, counter]) => ({ shape, counter, mails: counter.fresh }));
  if (told.length === 0) return;
  const { rows } = await withTenant(ctx.database, tenantScope(ctx), (tx) =>
    tx.query<{ shape: string; window_ms: number; mails: number; mails_before: number }>(statement, [
      projectId,
      ctx.organizationId,
      told.map(({ shape }) => shape),
      told.map(({ mails }) => mails),
    ]),
  );
  const answers = new Map(rows.map((row) => [row.shape, row]));
  for (const { shape, counter, mails } of told) {
    const row = answers.get(shape);
    if (row !== undefined) counter.learn(mails, row.window_ms, row.mails, row.mails_before);
  }
}

// By the order of shapes, so that two portals never wait for each other in a circle.
const statement = `
insert into mailroom.flood_counts as c (project_id, shape, organization_id, window_at, mails)
select $1, t.shape, $2, date_trunc('hour', mailroom.now()), t.mails
from unnest($3::text[], $4::integer[]) as t(shape, mails) order by t.shape
on conflict (project_id, shape) do update set
  window_at = excluded.window_at,
  mails_before = case
    when c.window_at = excluded.window_at then c.mails_before
    when c.window_at = excluded.window_at - interval '1 hour' then c.mails
    else 0
  end,
  mails = case when c.window_at = excluded.window_at then c.mails else 0 end + excluded.mails
returning shape, extract(epoch from window_at)::float8 * 1000 as window_ms, mails, mails_before`;
