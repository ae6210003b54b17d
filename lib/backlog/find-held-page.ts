import type { Transaction } from '#db/client.ts';
import { heldConditions } from './held-conditions.ts';
import { type HeldSearch, matchIds, matchProbe, readSearch } from './held-search.ts';
import { type PageKey, rangesBehind, sortColumns } from './page-key.ts';
import type { HeldFilters, HeldSort, HeldState } from './schemas.ts';
import { SqlValues } from './sql-values.ts';

export interface PageRequest {
  readonly projectIds: readonly string[];
  readonly state: HeldState;
  readonly filters: HeldFilters;
  readonly sort: HeldSort;
  readonly isDown: boolean;
  readonly key: PageKey | null;
  readonly limit: number;
}

// How many rows a walk looks at, and how many matches are gathered, before the other way is tried.
const shortWalk = 500;
const wholeWalk = 5_000;
const mostGathered = 20_000;
const longWalk = 50_000;

/**
 * The keys of a page, in its order. A search is answered by walking along the list where many match or the list is
 * short, and by gathering the matches where few do. Nobody knows beforehand which it is, so each way gets a bounded
 * try.
 */
export async function findHeldPage(tx: Transaction, request: PageRequest): Promise<readonly PageKey[]> {
  const search = readSearch(request.filters.search);
  if (search === null) return walk(tx, request, null, request.limit);
  if (search.kind !== 'text') return gather(tx, request, search);
  const near = await walk(tx, request, search, shortWalk);
  if (near.length === request.limit) return near;
  const rows = await countRows(tx, request, wholeWalk);
  if (rows <= shortWalk) return near;
  if (rows < wholeWalk) return walk(tx, request, search, wholeWalk);
  if (!(await isMatchedOftener(tx, request.projectIds, search, mostGathered))) {
    return gather(tx, request, search);
  }
  const far = await walk(tx, request, search, longWalk);
  return far.length === request.limit ? far : gather(tx, request, search);
}

/** How many mails match a search, up to `limit`; capped too where a bounded look does not tell. */
export async function countSearched(
  tx: Transaction,
  request: Omit<PageRequest, 'sort' | 'isDown' | 'key'>,
  search: HeldSearch,
): Promise<{ readonly mails: number; readonly isCapped: boolean }> {
  const inOrder = { ...request, sort: 'held', isDown: false, key: null } as const;
  const isCommon =
    search.kind === 'text' && (await isMatchedOftener(tx, request.projectIds, search, mostGathered));
  const found = isCommon ? await walk(tx, inOrder, search, mostGathered) : await gather(tx, inOrder, search);
  const isWhole = !isCommon || (await countRows(tx, inOrder, mostGathered)) < mostGathered;
  return { mails: found.length, isCapped: !isWhole || found.length === request.limit };
}

/** Whether more than `most` mails match a search, held or not. */
async function isMatchedOftener(
  tx: Transaction,
  projectIds: readonly string[],
  search: HeldSearch,
  most: number,
): Promise<boolean> {
  const values = new SqlValues();
  const { rows } = await tx.query<{ matches: number }>(
    `select count(*)::int as matches from (${matchIds(values, search, projectIds, most + 1)}) m`,
    values.list,
  );
  return (rows[0]?.matches ?? 0) > most;
}

/** Along the sort's index, project by project, looking at no more than `most` rows of each. */
async function walk(
  tx: Transaction,
  request: PageRequest,
  search: HeldSearch | null,
  most: number,
): Promise<readonly PageKey[]> {
  const values = new SqlValues();
  const { order, column } = orderOf(request);
  const limit = values.add(request.limit, 'integer');
  const probe = search === null ? null : matchProbe(values, search);
  const from = rowsInOrder(values, request, most, (rows) =>
    probe === null ? rows : `(select h.* from ${rows} h where ${probe} order by ${order} limit ${limit})`,
  );
  const { rows } = await tx.query<KeyRow>(
    `select h.message_id, h.${column}::text as value from ${from} order by ${order} limit ${limit}`,
    values.list,
  );
  return rows.map(toKey);
}

async function countRows(tx: Transaction, request: PageRequest, most: number): Promise<number> {
  const values = new SqlValues();
  const from = rowsInOrder(values, request, most, (rows) => rows);
  const { rows } = await tx.query<{ count: number }>(
    `select count(*)::int as count from (select from ${from} limit ${most}) seen`,
    values.list,
  );
  return rows[0]?.count ?? 0;
}

/**
 * A source of rows `h` that match all but the search: range by range, reason by reason and project by project, at most
 * `most` of each, each passed through `pick` while it still stands in the order of its index.
 */
function rowsInOrder(
  values: SqlValues,
  request: PageRequest,
  most: number,
  pick: (rows: string) => string,
): string {
  const { projectIds, key, sort, isDown } = request;
  const [only] = projectIds;
  // A project by its own value and not by a join: Postgres then knows how many rows it has.
  const single = projectIds.length === 1 && only !== undefined ? values.add(only, 'uuid') : null;
  const { order, column } = orderOf(request);
  const conditions = heldConditions(values, request.state, request.filters).join(' and ');
  const steps = rangesBehind(values, key, sort, isDown).flatMap((range) =>
    onlyReasons(values, request.filters).map((only) =>
      pick(`(select h.message_id, h.${column} from mailroom.held_messages h
        where h.project_id = ${single ?? 'p.id'} and ${conditions} and ${only} and ${range}
        order by ${order} limit ${most})`),
    ),
  );
  const ofOne = steps.length === 1 ? steps.join('') : `(${steps.join(' union all ')})`;
  return single === null
    ? `unnest(${values.add(projectIds, 'uuid[]')}) as p(id) cross join lateral ${ofOne} h`
    : `${ofOne} h`;
}

// Reasons other than a limit of the day have indexes of their own, each in the order of a list within one reason.
function onlyReasons(values: SqlValues, { reason: reasons }: HeldFilters): readonly string[] {
  if (reasons === undefined || reasons.length === 0 || reasons.includes('day_limit')) return ['true'];
  return reasons.map((reason) => `h.reason = ${values.add(reason, 'text')}`);
}

/** By the matches themselves. */
async function gather(
  tx: Transaction,
  request: PageRequest,
  search: HeldSearch,
): Promise<readonly PageKey[]> {
  const values = new SqlValues();
  const { order, column } = orderOf(request);
  const match = matchIds(values, search, request.projectIds, null);
  const conditions = heldConditions(values, request.state, request.filters).join(' and ');
  const ranges = rangesBehind(values, request.key, request.sort, request.isDown);
  const { rows } = await tx.query<KeyRow>(
    `select h.message_id, h.${column}::text as value from (${match}) as match cross join lateral (
       select h.* from mailroom.held_messages h
       where h.message_id = match.id and h.project_id = any (${values.add(request.projectIds, 'uuid[]')})
         and ${conditions} and (${ranges.map((range) => `(${range})`).join(' or ')}) limit 1
     ) h
     order by ${order} limit ${values.add(request.limit, 'integer')}`,
    values.list,
  );
  return rows.map(toKey);
}

interface KeyRow {
  readonly message_id: string;
  readonly value: string | null;
}

function toKey({ message_id, value }: KeyRow): PageKey {
  return { value, id: message_id };
}

function orderOf({ sort, isDown }: PageRequest): { readonly column: string; readonly order: string } {
  const { name: column } = sortColumns[sort];
  const direction = isDown ? 'desc' : 'asc';
  return { column, order: `h.${column} ${direction}, h.message_id ${direction}` };
}
