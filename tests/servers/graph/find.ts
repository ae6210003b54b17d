import type { StoredMessage } from './mailbox.ts';
import { unpublished } from './refusal.ts';

interface FindTerms {
  readonly matches: (message: StoredMessage) => boolean;
  /** The named property that is asked for beside the message. */
  readonly expanded: string | null;
  readonly top: number;
}

const selectable = new Set(['id', 'isDraft', 'parentFolderId', 'internetMessageId', 'subject']);
const propertyId = /^String \{[0-9A-Fa-f-]{36}\} Name [A-Za-z0-9-]+$/;

/** OData as Graph takes it for messages: the two filters that a look-up needs, and nothing that is not understood. */
export function parseFind(query: URLSearchParams): FindTerms {
  for (const name of query.keys()) {
    if (!['$filter', '$select', '$expand', '$top'].includes(name)) throw unpublished(`No ${name} is taken`);
  }
  readSelect(query);
  const top = Number(query.get('$top') ?? '10');
  if (!Number.isInteger(top) || top < 1 || top > 1000) throw unpublished('$top is from 1 to 1000');
  return {
    matches: parseFilter(query.get('$filter') ?? ''),
    expanded: parseExpand(query.get('$expand')),
    top,
  };
}

export function readSelect(query: URLSearchParams): void {
  for (const name of query.get('$select')?.split(',') ?? []) {
    if (!selectable.has(name)) throw unpublished(`No property ${name} of a message is known`);
  }
}

function parseExpand(expand: string | null): string | null {
  if (expand === null) return null;
  const id = /^singleValueExtendedProperties\(\$filter=id eq '(?<id>[^']+)'\)$/.exec(expand)?.groups?.['id'];
  if (id === undefined || !propertyId.test(id)) throw unpublished(`$expand is not understood: ${expand}`);
  return id;
}

function parseFilter(filter: string): FindTerms['matches'] {
  const messageId = /^internetMessageId eq '(?<id>(?:[^']|'')+)'$/.exec(filter)?.groups?.['id'];
  if (messageId !== undefined) {
    const wanted = messageId.replaceAll("''", "'");
    return (message) => message.internetMessageId === wanted;
  }
  const any =
    /^singleValueExtendedProperties\/any\(ep: ep\/id eq '(?<id>[^']+)' and \((?<values>[^()]+)\)\)$/.exec(
      filter,
    )?.groups ?? {};
  const id = any['id'] ?? '';
  const values = (any['values'] ?? '')
    .split(' or ')
    .map((term) => /^ep\/value eq '([^']*)'$/.exec(term)?.[1]);
  if (!propertyId.test(id) || values.includes(undefined))
    throw unpublished(`$filter is not understood: ${filter}`);
  return (message) => {
    const value = message.properties.get(id);
    return value !== undefined && values.includes(value);
  };
}
