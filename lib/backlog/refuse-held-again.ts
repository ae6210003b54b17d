import { z } from 'zod';
import type { Transaction } from '#db/client.ts';
import type { Context } from '../context.ts';
import { DomainError } from '../errors.ts';
import { countGroups, overRecipients, readPassedLimits } from './resume-limits.ts';
import type { HeldSelection } from './schemas.ts';
import type { SelectionScope } from './select-held.ts';
import type { PassedLimit } from './views.ts';

/** The limits that would hold mails of a resume again, as the refusal names them. */
export const heldAgain = z.object({
  dayLimits: z.array(
    z.object({
      scope: z.string().meta({ description: '`smtp`, `ews`, `graph` or `project:<id>`' }),
      limit: z.int(),
      used: z.int(),
      mails: z.int().meta({ description: 'So many it would hold again' }),
      passedBy: z.int().meta({ description: 'So far it would be passed if all of them went out' }),
    }),
  ),
  recipientsLimit: z
    .object({
      mails: z.int().meta({ description: 'So many have more recipients than a mail may' }),
      largest: z.int(),
      limit: z.int(),
    })
    .nullable(),
});
export type HeldAgain = z.output<typeof heldAgain>;

/** What a resume may pass. */
interface Overrides {
  readonly dayLimit: boolean;
  readonly recipientsLimit: boolean;
}

/**
 * Refuses (`held_again`) a resume that would put mails into the queue for the limits to hold them again: a caller would
 * take its answer for "they go out". Names each such limit and by how much.
 */
export async function refuseHeldAgain(
  tx: Transaction,
  ctx: Context,
  { scope, selection, overrides }: { scope: SelectionScope; selection: HeldSelection; overrides: Overrides },
): Promise<void> {
  const { going } = await countGroups(tx, scope, selection);
  const days = overrides.dayLimit ? [] : await readPassedLimits(tx, ctx, going);
  const dayLimits = days.filter(({ heldAgain: mails }) => mails > 0);
  const recipientsLimit = overrides.recipientsLimit ? null : overRecipients(going);
  if (dayLimits.length === 0 && recipientsLimit === null) return;
  const words = [
    ...dayLimits.map(
      ({ scope: name, limit, used, heldAgain: mails }) =>
        `The limit of the day of ${count(limit)} mails (${name}) has ${count(used)} used and would hold ${count(mails)} of them again.`,
    ),
    ...(recipientsLimit === null
      ? []
      : [
          `The limit of ${count(recipientsLimit.limit)} recipients a mail would hold ${count(recipientsLimit.mails)} of them again.`,
        ]),
  ];
  throw new DomainError(
    'held_again',
    `${words.join(' ')} Name the limits in overrides to pass them, or say mayWait to have them wait.`,
    { data: { heldAgain: { dayLimits: dayLimits.map(named), recipientsLimit } satisfies HeldAgain } },
  );
}

function named({ scope, limit, used, heldAgain: mails, passedBy }: PassedLimit) {
  return { scope, limit, used, mails, passedBy };
}

function count(number: number): string {
  return number.toLocaleString('en');
}
