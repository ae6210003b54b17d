import { and, asc, desc, eq, gt, gte, inArray, lt, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { messages, messageSearch } from '#db/schema/messages.ts';
import { lanes } from '#db/schema/projects.ts';
import { loadPoolWait } from '../pools/read-project-pace.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { filterInstant, messageId, shortText } from './filter-parts.ts';
import { messageStates } from './labels.ts';
import { type MessageListItem, presentListItem } from './present-message.ts';
import { matchCondition, searchCondition } from './search-condition.ts';
import { searchQuery } from './search-text.ts';

const maxPage = 200;
const metadataValue = z
  .string()
  .max(1_000)
  .refine((value) => !value.includes('\0') && value.isWellFormed(), 'This is not valid Unicode text.');

export const messageFilters = z.strictObject({
  state: z.array(z.enum(messageStates)).max(messageStates.length).optional(),
  /** Words of the subject, the beginning of a recipient, a whole Message-ID or an id: whichever it looks like. */
  search: shortText.optional(),
  subject: shortText.optional(),
  recipient: shortText.optional(),
  messageId: shortText.optional(),
  category: shortText.optional(),
  tag: shortText.optional(),
  metadata: z
    .record(z.string().regex(/^[\w.-]{1,64}$/, 'There is no such key.'), metadataValue)
    .refine((value) => Object.keys(value).length <= 10, 'At most 10 metadata keys.')
    .optional(),
  since: filterInstant.optional(),
  until: filterInstant.optional(),
  /** Only those that may have gone out twice. */
  isRepeated: z.boolean().optional(),
});
export type MessageFilters = z.output<typeof messageFilters>;

export const listMessagesInput = messageFilters.extend({
  project: z.string().max(64),
  /** The page of older messages after this one. */
  before: messageId.optional(),
  /** The page of newer messages ahead of this one. */
  after: messageId.optional(),
  limit: z.int().min(1).max(maxPage, `A page has at most ${maxPage} messages.`).default(50),
});

export interface MessagePage {
  readonly messages: readonly MessageListItem[];
  /** Ids for `before` and `after`; null where the list ends. */
  readonly older: string | null;
  readonly newer: string | null;
}

/** A page of the project's messages, newest first, by keyset: as quick at the millionth as at the first. */
export function listMessages(ctx: Context, input: z.input<typeof listMessagesInput>): Promise<MessagePage> {
  const { project: reference, before, after, limit, ...filters } = parseInput(listMessagesInput, input);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'messages.read', project.id);
    const [lane] = await tx.orm.select().from(lanes).where(eq(lanes.id, project.laneId));
    const isNewerPage = after !== undefined;
    const rows = await tx.orm
      .select()
      .from(messages)
      .where(
        and(
          eq(messages.projectId, project.id),
          before === undefined ? undefined : lt(messages.id, before),
          after === undefined ? undefined : gt(messages.id, after),
          ...(await filterConditions(tx, project.id, filters)),
        ),
      )
      .orderBy(isNewerPage ? asc(messages.id) : desc(messages.id))
      .limit(limit + 1);
    const page = rows.slice(0, limit);
    if (isNewerPage) page.reverse();
    const hasMore = rows.length > limit;
    const poolWait = await loadPoolWait(tx, ctx, project);
    const facts = { project, lane: lane ?? null, poolWait, now: await sqlNow(tx) };
    return {
      messages: page.map((row) => presentListItem(row, facts)),
      older: isNewerPage || hasMore ? (page.at(-1)?.id ?? null) : null,
      newer: isNewerPage
        ? hasMore
          ? (page[0]?.id ?? null)
          : null
        : before === undefined
          ? null
          : (page[0]?.id ?? null),
    };
  });
}

async function sqlNow(tx: Transaction): Promise<Date> {
  const { rows } = await tx.query<{ now: Date }>('select mailroom.now() as now');
  return rows[0]?.now ?? new Date();
}

/** What the filters ask of a row of `messages`, for lists and for actions on all that match. */
export async function filterConditions(
  tx: Transaction,
  projectId: string,
  filters: MessageFilters,
): Promise<(SQL | undefined)[]> {
  const inSearch = (condition: SQL): SQL =>
    sql`${messages.id} in (select ${messageSearch.messageId} from ${messageSearch}
      where ${and(eq(messageSearch.projectId, projectId), condition)})`;
  return [
    filters.state === undefined || filters.state.length === 0
      ? undefined
      : inArray(messages.state, filters.state),
    filters.category === undefined ? undefined : eq(messages.category, filters.category),
    filters.since === undefined ? undefined : gte(messages.acceptedAt, filters.since),
    filters.until === undefined ? undefined : lt(messages.acceptedAt, filters.until),
    filters.isRepeated === undefined
      ? undefined
      : filters.isRepeated
        ? gt(messages.repeatCount, 0)
        : eq(messages.repeatCount, 0),
    filters.tag === undefined
      ? undefined
      : inSearch(
          sql`${messageSearch.tags} <> '{}' and ${messageSearch.tags} @> array[${filters.tag}]::text[]`,
        ),
    filters.metadata === undefined
      ? undefined
      : inSearch(
          sql`${messageSearch.metadata} <> '{}' and ${messageSearch.metadata} @> ${JSON.stringify(filters.metadata)}::jsonb`,
        ),
    ...(await searchConditions(tx, projectId, filters)),
  ];
}

/** One condition for each of the filters that look into text; they narrow each other. */
async function searchConditions(
  tx: Transaction,
  projectId: string,
  { subject, recipient, messageId: wanted, search }: MessageFilters,
): Promise<SQL[]> {
  const nothing = { words: null, address: null, messageId: null };
  const conditions: SQL[] = [];
  if (subject !== undefined) {
    conditions.push(await matchCondition(tx, projectId, { ...nothing, words: searchQuery(subject) }));
  }
  if (recipient !== undefined) {
    conditions.push(await matchCondition(tx, projectId, { ...nothing, address: recipient }));
  }
  if (wanted !== undefined) {
    const bracketed = wanted.startsWith('<') ? wanted : `<${wanted}>`;
    conditions.push(await matchCondition(tx, projectId, { ...nothing, messageId: bracketed }));
  }
  if (search !== undefined && search !== '') conditions.push(await searchCondition(tx, projectId, search));
  return conditions;
}
