import { type Transaction, withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { findHeldPage } from './find-held-page.ts';
import type { PageKey } from './page-key.ts';
import { heldColumns, type HeldRow, presentHeld } from './present-held.ts';
import type { HeldSelection, HeldState } from './schemas.ts';
import type { HeldItem } from './views.ts';

export interface ExportedMail {
  readonly item: HeldItem;
  readonly recipients: readonly string[];
  readonly messageId: string;
}

export interface OrderedRead {
  readonly projectIds: readonly string[];
  readonly state: HeldState;
  readonly selection: HeldSelection;
}

const perPage = 200;

/** All held mails of a selection, oldest first, a page in memory at a time. Each page is a transaction of its own. */
export async function* readHeldInOrder(ctx: Context, wanted: OrderedRead): AsyncGenerator<ExportedMail> {
  if ('ids' in wanted.selection) {
    const { ids } = wanted.selection;
    for (let at = 0; at < ids.length; at += perPage) {
      yield* await readPage(ctx, (tx) => readMails(tx, wanted, ids.slice(at, at + perPage)));
    }
    return;
  }
  const { filter, except = [] } = wanted.selection;
  const leftOut = new Set(except);
  let key: PageKey | null = null;
  do {
    const from: PageKey | null = key;
    const page: { keys: readonly PageKey[]; mails: readonly ExportedMail[] } = await readPage(
      ctx,
      async (tx) => {
        const keys = await findHeldPage(tx, {
          projectIds: wanted.projectIds,
          state: wanted.state,
          filters: filter,
          sort: 'held',
          isDown: false,
          key: from,
          limit: perPage,
        });
        const ids = keys.map(({ id }) => id).filter((id) => !leftOut.has(id));
        return { keys, mails: await readMails(tx, wanted, ids) };
      },
    );
    yield* page.mails;
    key = page.keys.length < perPage ? null : (page.keys.at(-1) ?? null);
  } while (key !== null);
}

function readPage<T>(ctx: Context, read: (tx: Transaction) => Promise<T>): Promise<T> {
  return withTenant(ctx.database, tenantScope(ctx), read);
}

async function readMails(
  tx: Transaction,
  { projectIds, state }: OrderedRead,
  ids: readonly string[],
): Promise<readonly ExportedMail[]> {
  const { rows } = await tx.query<HeldRow & { recipients: string[]; internet_message_id: string }>(
    `select ${heldColumns}, m.internet_message_id, r.recipients
     from unnest($1::uuid[]) with ordinality as w(id, place)
     join mailroom.held_messages h on h.message_id = w.id and h.state = $2 and h.project_id = any ($3::uuid[])
     join mailroom.messages m on m.id = w.id
     join mailroom.projects p on p.id = h.project_id
     cross join lateral (
       select coalesce(array_agg(r.address order by r.position), '{}') as recipients
       from mailroom.recipients r where r.message_id = w.id
     ) r
     order by w.place`,
    [ids, state, projectIds],
  );
  return rows.map((row) => ({
    item: presentHeld(row),
    recipients: row.recipients,
    messageId: row.internet_message_id,
  }));
}
