import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError, invalidField } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { scopeReference } from './limit-scope.ts';
import type { LimitNumbers, SaveLimit } from './limits-view.ts';
import { type LimitScope, loadScope } from './load-scope.ts';

const most = 2_000_000_000;
const notAnAmount = 'Give a whole number, or nothing for no limit.';

/** A limit as a person types it; null where nothing is typed. */
export const limitNumber = z
  .int(notAnAmount)
  .refine((value) => value !== 0, '0 is not a limit. To stop all mail, pause sending instead.')
  .min(0, notAnAmount)
  .max(most, `A limit is at most ${most}.`)
  .nullable();

const reserveNumber = z.int('Give a whole number.').min(0, 'Give 0 or more.').max(most);

const saveInput = z.strictObject({
  scope: scopeReference,
  mailsPerDay: limitNumber.optional(),
  recipientsPerMail: limitNumber.optional(),
  highReserve: reserveNumber.optional(),
  expected: z.strictObject({
    mailsPerDay: z.int().nullable(),
    recipientsPerMail: z.int().nullable(),
    highReserve: z.int(),
  }),
});

export interface SavedLimit extends LimitNumbers {
  /** It rose or went away, so that auto resume lets held mail go. */
  readonly isRaise: boolean;
}

/**
 * Sets the limits of a protocol or a project. It waits for the mails that are just being counted, and holds for each
 * one after. Throws `version_conflict` where the numbers are no longer those that the person saw.
 */
export function saveLimit(ctx: Context, input: SaveLimit): Promise<SavedLimit> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const given = parseInput(saveInput, input);
    const scope = await loadScope(tx, ctx, given.scope, { permission: 'limits.write', locked: true });
    const before = numbersOf(scope);
    if (!isSame(before, given.expected)) throw await changedMeanwhile(tx, scope, before);
    const after = numbersAfter(before, given);
    const isDayRaised = isRaised(before.mailsPerDay, after.mailsPerDay);
    const isRaise = isDayRaised || isRaised(before.recipientsPerMail, after.recipientsPerMail);
    if (isSame(before, after)) return { ...after, isRaise };
    await tx.query(
      `update mailroom.limit_scopes set mails_per_day = $2, recipients_per_mail = $3, high_reserve = $4,
         raised_at = case when $5 then mailroom.now() else raised_at end
       where id = $1`,
      [scope.id, after.mailsPerDay, after.recipientsPerMail, after.highReserve, isDayRaised],
    );
    await recordAudit(tx, ctx, {
      action: 'limits.saved',
      projectId: scope.projectId,
      object: { kind: 'limit', id: scope.id, label: scope.label },
      detail: { scope: given.scope, before, after },
    });
    return { ...after, isRaise };
  });
}

function numbersOf({ mailsPerDay, recipientsPerMail, highReserve }: LimitNumbers): LimitNumbers {
  return { mailsPerDay, recipientsPerMail, highReserve };
}

function numbersAfter(before: LimitNumbers, given: z.output<typeof saveInput>): LimitNumbers {
  const { mailsPerDay = before.mailsPerDay, recipientsPerMail = before.recipientsPerMail } = given;
  // Without a limit there is nothing to set aside from.
  const kept = mailsPerDay === null ? 0 : before.highReserve;
  const { highReserve = kept } = given;
  if (highReserve > (mailsPerDay ?? 0)) {
    const field = given.highReserve === undefined ? 'mailsPerDay' : 'highReserve';
    throw invalidField(field, `${highReserve} mails are set aside for high priority, more than the day has.`);
  }
  return { mailsPerDay, recipientsPerMail, highReserve };
}

/** Whether a limit rose or went away. */
export function isRaised(before: number | null, after: number | null): boolean {
  return before !== null && (after === null || after > before);
}

function isSame(one: LimitNumbers, other: LimitNumbers): boolean {
  return (
    one.mailsPerDay === other.mailsPerDay &&
    one.recipientsPerMail === other.recipientsPerMail &&
    one.highReserve === other.highReserve
  );
}

async function changedMeanwhile(tx: Transaction, scope: LimitScope, now: LimitNumbers): Promise<DomainError> {
  const { rows } = await tx.query<{ savedBy: string; savedAt: Date }>(
    `select actor_label as "savedBy", at as "savedAt" from mailroom.audit_entries
     where action = 'limits.saved' and object_id = $1 order by id desc limit 1`,
    [scope.id],
  );
  const [last] = rows;
  return new DomainError(
    'version_conflict',
    last === undefined ? 'This limit was changed meanwhile.' : `${last.savedBy} changed this limit first.`,
    {
      data: {
        ...now,
        ...(last === undefined ? {} : { savedBy: last.savedBy, savedAt: last.savedAt.toISOString() }),
      },
    },
  );
}
