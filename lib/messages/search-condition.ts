import { eq, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/client.ts';
import { messages } from '#db/schema/messages.ts';
import { isId } from '../ids.ts';
import { searchQuery } from './search-text.ts';

/** What a text may be: each part that is not null is one way to match. */
export interface Searched {
  /** Words of the subject, as `to_tsquery` takes them. */
  readonly words: string | null;
  /** The beginning of a recipient's address, whatever its case. */
  readonly address: string | null;
  readonly messageId: string | null;
}

/** Matches that are gathered at most; where there are more, the list is walked and each row asked. */
const mostGathered = 20_000;

/** The condition for a search box: words of the subject, the beginning of a recipient, a Message-ID or an id. */
export function searchCondition(tx: Transaction, projectId: string, text: string): Promise<SQL> | SQL {
  if (isId(text)) return eq(messages.id, text);
  const nothing = { words: null, address: null, messageId: null };
  if (/^<.+@.+>$/.test(text)) return matchCondition(tx, projectId, { ...nothing, messageId: text });
  // An address and a Message-ID without its brackets look alike.
  return text.includes('@')
    ? matchCondition(tx, projectId, { ...nothing, address: text, messageId: `<${text}>` })
    : matchCondition(tx, projectId, { ...nothing, address: text, words: searchQuery(text) });
}

/**
 * The condition on `messages` for what is searched. Where few match, their ids are gathered by the indexes; where many
 * do, the newest rows are asked one by one, for the first page is soon full.
 */
export async function matchCondition(tx: Transaction, projectId: string, searched: Searched): Promise<SQL> {
  const ways = waysToGather(projectId, searched);
  if (ways.length === 0) return sql`false`;
  const gathered = sql.join(ways, sql` union all `);
  const { rows } = await tx.orm.execute<{ count: number }>(
    sql`select count(*)::int as count from (${gathered}) as g`,
  );
  const isCommon = (rows[0]?.count ?? 0) > mostGathered;
  return isCommon ? probeOf(searched) : sql`${messages.id} in (${gathered})`;
}

// Row-level security lets few operators use an index: what is searched by others has a function.
function waysToGather(projectId: string, { words, address, messageId }: Searched): SQL[] {
  const ways: SQL[] = [];
  if (words !== null) {
    ways.push(sql`(select w.id from mailroom.messages_with_words(array[${projectId}]::uuid[], ${words},
      ${mostGathered + 1}) as w(id))`);
  }
  if (address !== null) {
    ways.push(sql`(select a.id from mailroom.messages_to(array[${projectId}]::uuid[], ${address},
      ${mostGathered + 1}) as a(id))`);
  }
  if (messageId !== null) {
    ways.push(sql`(select s.message_id as id from mailroom.message_search s
      where s.internet_message_id = ${messageId} and s.project_id = ${projectId} limit ${mostGathered + 1})`);
  }
  return ways;
}

// Scalar queries, for Postgres turns an `exists` into a join over everything that matches.
function probeOf({ words, address, messageId }: Searched): SQL {
  const probes: SQL[] = [];
  if (words !== null) {
    probes.push(sql`(select true from mailroom.message_search s where s.message_id = ${messages.id}
      and s.subject @@ to_tsquery('simple', ${words}) limit 1)`);
  }
  if (address !== null) {
    probes.push(sql`(select true from mailroom.recipients r where r.message_id = ${messages.id}
      and starts_with(lower(r.address), lower(${address})) limit 1)`);
  }
  if (messageId !== null) {
    probes.push(sql`(select true from mailroom.message_search s where s.message_id = ${messages.id}
      and s.internet_message_id = ${messageId} limit 1)`);
  }
  return sql`coalesce(${sql.join(probes, sql`, `)}, false)`;
}
