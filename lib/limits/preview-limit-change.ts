import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { scopeReference } from './limit-scope.ts';
import type { BeforeAndAfter, LimitChangePreview } from './limits-view.ts';
import { type LimitScope, loadScope } from './load-scope.ts';
import { loadWindow } from './load-window.ts';
import { countReleasable } from './count-releasable.ts';
import { limitNumber } from './save-limit.ts';

const previewInput = z.strictObject({
  scope: scopeReference,
  mailsPerDay: limitNumber.optional(),
  recipientsPerMail: limitNumber.optional(),
});

const looksBackDays = 30;

/**
 * What a limit would do if it were saved now, and what it would have done on the last days. A mail that waited past
 * midnight counts on the day that held it and on the day that sent it.
 */
export function previewLimitChange(
  ctx: Context,
  input: z.input<typeof previewInput>,
): Promise<LimitChangePreview> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(previewInput, input);
    const scope = await loadScope(tx, ctx, given.scope, { permission: 'limits.read' });
    const wanted = {
      mailsPerDay: given.mailsPerDay === undefined ? scope.mailsPerDay : given.mailsPerDay,
      recipientsPerMail:
        given.recipientsPerMail === undefined ? scope.recipientsPerMail : given.recipientsPerMail,
    };
    const days = await selectDays(tx, ctx, scope, wanted.mailsPerDay);
    const releasable = await countReleasable(tx, ctx.organizationId, scope, wanted);
    return {
      wouldGoOutNow: releasable.byAutoResume + releasable.byRecipients,
      fitsRecipients: releasable.byRecipients,
      days: days.length,
      daysReached: {
        before: days.filter(({ demand }) => demand >= (scope.mailsPerDay ?? Infinity)).length,
        after: days.filter(({ demand }) => demand >= (wanted.mailsPerDay ?? Infinity)).length,
      },
      mailsHeld: {
        before: sum(days.map(({ demand }) => beyond(demand, scope.mailsPerDay))),
        after: sum(days.map(({ demand }) => beyond(demand, wanted.mailsPerDay))),
      },
      longestWaitMs: {
        before: Math.max(0, ...days.map(({ spentBefore, endsAt }) => waitMs(spentBefore, endsAt))),
        after: Math.max(0, ...days.map(({ spentAfter, endsAt }) => waitMs(spentAfter, endsAt))),
      },
      roomLeft: await roomLeft(tx, ctx.organizationId, scope, wanted.mailsPerDay),
    };
  });
}

function beyond(demand: number, limit: number | null): number {
  return limit === null ? 0 : Math.max(0, demand - limit);
}

function waitMs(spentAt: Date | null, endsAt: Date): number {
  return spentAt === null ? 0 : endsAt.getTime() - spentAt.getTime();
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

interface DayRow {
  readonly demand: number;
  readonly endsAt: Date;
  /** The minute in which the limit would have been spent; null where it would not. */
  readonly spentBefore: Date | null;
  readonly spentAfter: Date | null;
}

// The days with figures. Who came past the limit waited from its minute to the end of the day.
async function selectDays(
  tx: Transaction,
  ctx: Context,
  scope: LimitScope,
  wanted: number | null,
): Promise<readonly DayRow[]> {
  const { rows } = await tx.query<DayRow>(
    `with zone as materialized (
       select time_zone as name, (mailroom.now() at time zone time_zone)::date as today
       from mailroom.organizations where id = $1
     ), by_minute as materialized (
       select (u.minute at time zone z.name)::date as day, u.minute, sum(u.mails + u.held) as demand
       from zone z join mailroom.limit_usage u on u.scope_id = $2
         and u.minute >= (z.today - $3::int + 1)::timestamp at time zone z.name
       group by 1, 2
     ), running as (
       select day, minute, sum(demand) over (partition by day order by minute) as total from by_minute
     ), by_day as (
       select day, max(total) as demand, min(minute) filter (where total > $4::int) as before_at,
         min(minute) filter (where total > $5::int) as after_at
       from running group by day
     )
     select b.demand::int, b.before_at as "spentBefore", b.after_at as "spentAfter",
       (b.day + 1)::timestamp at time zone z.name as "endsAt"
     from by_day b cross join zone z`,
    [ctx.organizationId, scope.id, looksBackDays, scope.mailsPerDay, wanted],
  );
  return rows;
}

async function roomLeft(
  tx: Transaction,
  organizationId: string,
  { id, mailsPerDay }: LimitScope,
  wanted: number | null,
): Promise<BeforeAndAfter<number | null>> {
  const window = await loadWindow(tx, organizationId);
  const { rows } = await tx.query<{ mails: number }>('select mails from mailroom.limit_used($1, $2, $3)', [
    id,
    window.startsAt,
    window.endsAt,
  ]);
  const used = rows[0]?.mails ?? 0;
  const left = (limit: number | null) => (limit === null ? null : Math.max(0, limit - used));
  return { before: left(mailsPerDay), after: left(wanted) };
}
