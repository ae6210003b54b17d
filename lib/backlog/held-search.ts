import { isId } from '../ids.ts';
import { typedQuery } from '../messages/search-text.ts';
import type { SqlValues } from './sql-values.ts';

/** What a search text asks for: whichever it looks like. */
export type HeldSearch =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'message_id'; readonly messageId: string }
  | { readonly kind: 'text'; readonly text: string; readonly words: string | null };

/** Null for a text that asks nothing. Words of the subject, the beginning of a recipient, a Message-ID or an id. */
export function readSearch(text: string | undefined): HeldSearch | null {
  if (text === undefined || text === '') return null;
  if (isId(text)) return { kind: 'id', id: text };
  if (/^<.+@.+>$/.test(text)) return { kind: 'message_id', messageId: text };
  // An address is no words of a subject, but it may be a Message-ID without its brackets.
  return { kind: 'text', text, words: text.includes('@') ? null : typedQuery(text) };
}

/** Whether the mail of a row `h` matches, asked row by row: quick where many match. */
export function matchProbe(values: SqlValues, search: HeldSearch): string {
  switch (search.kind) {
    case 'id':
      return `h.message_id = ${values.add(search.id, 'uuid')}`;
    case 'message_id':
      return inSearch(`s.internet_message_id = ${values.add(search.messageId, 'text')}`);
    case 'text': {
      const address = `(select true from mailroom.recipients r where r.message_id = h.message_id
        and starts_with(lower(r.address), lower(${values.add(search.text, 'text')})) limit 1)`;
      const other =
        search.words === null
          ? inSearch(`s.internet_message_id = ${values.add(`<${search.text}>`, 'text')}`)
          : inSearch(`s.subject @@ to_tsquery('simple', ${values.add(search.words, 'text')})`);
      return `coalesce(${other}, ${address})`;
    }
    default:
      return search satisfies never;
  }
}

// A scalar query, for Postgres turns an `exists` into a join over everything that matches.
function inSearch(condition: string): string {
  return `(select true from mailroom.message_search s where s.message_id = h.message_id and ${condition} limit 1)`;
}

/**
 * A query for the ids of the mails that match, held or not, at most `most` by each of its ways (null: all): quick where
 * few match. It uses what row-level security lets use an index.
 */
export function matchIds(
  values: SqlValues,
  search: HeldSearch,
  projectIds: readonly string[],
  most: number | null,
): string {
  if (search.kind === 'id') return `(select ${values.add(search.id, 'uuid')} as id)`;
  const limit = values.add(most ?? 2_147_483_647, 'integer');
  const byMessageId = (id: string): string =>
    `(select s.message_id as id from mailroom.message_search s
      where s.internet_message_id = ${values.add(id, 'text')} and s.project_id = any (${values.add(projectIds, 'uuid[]')}) limit ${limit})`;
  switch (search.kind) {
    case 'message_id':
      return byMessageId(search.messageId);
    case 'text': {
      const byAddress = `(select a.id from mailroom.messages_to(${values.add(projectIds, 'uuid[]')},
        ${values.add(search.text, 'text')}, ${limit}) as a(id))`;
      const other =
        search.words === null
          ? byMessageId(`<${search.text}>`)
          : `(select w.id from mailroom.messages_with_words(${values.add(projectIds, 'uuid[]')},
              ${values.add(search.words, 'text')}, ${limit}) as w(id))`;
      return `${byAddress} union ${other}`;
    }
    default:
      return search satisfies never;
  }
}
