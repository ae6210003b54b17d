import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { scopeReference } from './limit-scope.ts';
import type { LimitDay } from './limits-view.ts';
import { type LimitScope, loadScope } from './load-scope.ts';

const historyInput = z.strictObject({ scope: scopeReference, days: z.int().min(1).max(40).default(30) });

/** What a scope sent and held on each of the last days, the running one last, and the limit that was in force. */
export function readLimitHistory(
  ctx: Context,
  input: z.input<typeof historyInput>,
): Promise<readonly LimitDay[]> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(historyInput, input);
    const scope = await loadScope(tx, ctx, given.scope, { permission: 'limits.read' });
    const days = await selectDays(tx, ctx, scope.id, given.days);
    const changes = await selectChanges(tx, scope, days[0]?.startsAt ?? ctx.clock.now());
    return days.map(({ day, sent, held, endsAt }) => ({
      day,
      sent,
      held,
      limit: limitAt(changes, endsAt, scope.mailsPerDay),
    }));
  });
}

interface DayRow {
  readonly day: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly sent: number;
  readonly held: number;
}

async function selectDays(
  tx: Transaction,
  ctx: Context,
  scopeId: string,
  days: number,
): Promise<readonly DayRow[]> {
  const { rows } = await tx.query<DayRow>(
    `with zone as materialized (
       select time_zone as name, (mailroom.now() at time zone time_zone)::date as today
       from mailroom.organizations where id = $1
     ), used as materialized (
       select (u.minute at time zone z.name)::date as day, sum(u.mails)::int as sent, sum(u.held)::int as held
       from zone z join mailroom.limit_usage u on u.scope_id = $2
         and u.minute >= (z.today - $3::int)::timestamp at time zone z.name
       group by 1
     )
     select d.day::text, d.day::timestamp at time zone z.name as "startsAt",
       (d.day + 1)::timestamp at time zone z.name as "endsAt", coalesce(u.sent, 0) as sent,
       coalesce(u.held, 0) as held
     from zone z cross join lateral (select z.today - ago as day from generate_series(0, $3::int - 1) as ago) d
     left join used u on u.day = d.day
     order by d.day`,
    [ctx.organizationId, scopeId, days],
  );
  return rows;
}

interface Change {
  readonly at: Date;
  readonly before: number | null;
  readonly after: number | null;
}

const savedDetail = z.object({
  before: z.object({ mailsPerDay: z.int().nullable() }),
  after: z.object({ mailsPerDay: z.int().nullable() }),
});

async function selectChanges(tx: Transaction, scope: LimitScope, since: Date): Promise<readonly Change[]> {
  const { rows } = await tx.query<{ at: Date; detail: unknown }>(
    `select at, detail from mailroom.audit_entries
     where organization_id = (select organization_id from mailroom.limit_scopes where id = $1::uuid)
       and action = 'limits.saved' and object_id = $1::text and at >= $2
     order by id`,
    [scope.id, since],
  );
  return rows.map(({ at, detail }) => {
    const { before, after } = savedDetail.parse(detail);
    return { at, before: before.mailsPerDay, after: after.mailsPerDay };
  });
}

function limitAt(changes: readonly Change[], moment: Date, now: number | null): number | null {
  const last = changes.findLast(({ at }) => at < moment);
  if (last !== undefined) return last.after;
  const [first] = changes;
  return first === undefined ? now : first.before;
}
