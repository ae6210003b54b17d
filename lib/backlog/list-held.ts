import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { findHeldPage } from './find-held-page.ts';
import { heldFilters, heldSorts, heldStates, projectOrAll } from './schemas.ts';
import { openProjects } from './open-projects.ts';
import { type PageKey, readPageKey, writePageKey } from './page-key.ts';
import { heldColumns, type HeldRow, presentHeld } from './present-held.ts';
import { readNow } from './read-now.ts';
import type { HeldItem, HeldPage } from './views.ts';

export const listHeldInput = z.strictObject({
  project: projectOrAll,
  state: z.enum(heldStates).default('backlog'),
  filters: heldFilters.default({}),
  sort: z.enum(heldSorts).default('held'),
  descending: z.boolean().default(false),
  /** The page behind this place, from `next`. */
  after: z.string().max(200).optional(),
  /** The page ahead of this place, from `previous`. */
  before: z.string().max(200).optional(),
  limit: z.int().min(1).max(200, 'A page has at most 200 messages.').default(50),
});

/** A page of held mails by keyset: as quick at the millionth as at the first. */
export function listHeld(ctx: Context, given: z.input<typeof listHeldInput>): Promise<HeldPage> {
  const input = parseInput(listHeldInput, given);
  const { sort, descending, after, before, limit } = input;
  const isBackward = before !== undefined;
  const keyText = before ?? after;
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const key = keyText === undefined ? null : readPageKey(isBackward ? 'before' : 'after', keyText, sort);
    const open = await openProjects(tx, ctx, input.project, 'messages.read');
    const found = await findHeldPage(tx, {
      projectIds: open.map(({ id }) => id),
      state: input.state,
      filters: input.filters,
      sort,
      isDown: descending !== isBackward,
      key,
      limit: limit + 1,
    });
    const keys = found.slice(0, limit);
    if (isBackward) keys.reverse();
    const hasMore = found.length > limit;
    const items = await readItems(tx, keys);
    return {
      items,
      next: isBackward || hasMore ? place(keys.at(-1)) : null,
      previous: (isBackward ? hasMore : key !== null) ? place(keys[0]) : null,
      now: (await readNow(tx)).toISOString(),
    };
  });
}

function place(at: PageKey | undefined): string | null {
  return at === undefined ? null : writePageKey(at);
}

async function readItems(tx: Transaction, keys: readonly PageKey[]): Promise<readonly HeldItem[]> {
  const { rows } = await tx.query<HeldRow>(
    `select ${heldColumns} from unnest($1::uuid[]) with ordinality as w(id, place)
     join mailroom.held_messages h on h.message_id = w.id
     join mailroom.messages m on m.id = w.id
     join mailroom.projects p on p.id = h.project_id
     order by w.place`,
    [keys.map(({ id }) => id)],
  );
  return rows.map(presentHeld);
}
