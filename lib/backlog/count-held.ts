import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import {
  heldCountCap,
  heldFilters,
  type HeldFilters,
  type HeldSelection,
  heldStates,
  projectOrAll,
} from './schemas.ts';
import { countSearched } from './find-held-page.ts';
import { readSearch } from './held-search.ts';
import { openProjects } from './open-projects.ts';
import { selectedHeld, type SelectionScope } from './select-held.ts';
import { SqlValues } from './sql-values.ts';
import type { HeldCount } from './views.ts';

const countHeldInput = z.strictObject({
  project: projectOrAll,
  state: z.enum(heldStates).default('backlog'),
  filters: heldFilters.default({}),
  /** Counts all, and their recipients: for a person's decision, not for each look at a page. */
  exact: z.boolean().default(false),
});

/** How many held mails match. Beyond `heldCountCap` only that there are more, unless asked to be exact. */
export function countHeld(ctx: Context, given: z.input<typeof countHeldInput>): Promise<HeldCount> {
  const { project, state, filters, exact } = parseInput(countHeldInput, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const open = await openProjects(tx, ctx, project, 'messages.read');
    const scope = { projectIds: open.map(({ id }) => id), state, asOf: null };
    if (exact) return { ...(await countSelection(tx, scope, { filter: filters })), isCapped: false };
    const { mails, isCapped } = await countUpTo(tx, scope, filters, heldCountCap);
    return { mails, isCapped, recipients: null };
  });
}

/** All of a selection, with the sum of their recipients. */
export async function countSelection(
  tx: Transaction,
  scope: SelectionScope,
  selection: HeldSelection,
): Promise<{ readonly mails: number; readonly recipients: number }> {
  const values = new SqlValues();
  const { rows } = await tx.query<{ mails: number; recipients: number }>(
    `select count(*)::int as mails, coalesce(sum(h.recipient_count), 0)::float8 as recipients
     from ${selectedHeld(values, scope, selection)}`,
    values.list,
  );
  return rows[0] ?? { mails: 0, recipients: 0 };
}

async function countUpTo(tx: Transaction, scope: SelectionScope, filters: HeldFilters, most: number) {
  const search = readSearch(filters.search);
  if (search !== null) return countSearched(tx, { ...scope, filters, limit: most }, search);
  const values = new SqlValues();
  const { rows } = await tx.query<{ mails: number }>(
    `select count(*)::int as mails
     from (select from ${selectedHeld(values, scope, { filter: filters })} limit ${most + 1}) capped`,
    values.list,
  );
  const mails = rows[0]?.mails ?? 0;
  return { mails: Math.min(mails, most), isCapped: mails > most };
}
