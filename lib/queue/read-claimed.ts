import type { Transaction } from '#db/client.ts';
import { sendingMode, type SendingMode } from '#lib/settings/schemas.ts';
import { arrayLiteral } from './array-literal.ts';
import type { ClaimedMail } from './claimed-mail.ts';

/** Bodies above this are never read ahead but streamed; below it a body is surely one part. */
const prefetchedBodyBytes = 512 * 1024;

/** A due mail as the claim finds it, before what belongs to it is read. */
export interface ClaimedRow {
  readonly message_id: string;
  readonly api_key_id: string | null;
  readonly priority: number;
  readonly due_key: string;
  readonly internet_message_id: string;
  readonly from_address: string | null;
  readonly envelope_from: string | null;
  readonly size_bytes: number;
  readonly recipient_count: number;
  /** What happened to it before; null for a mail to which nothing did, as to most. */
  readonly history: MailHistory | null;
}

type MailHistory = Pick<
  ClaimedMail,
  | 'attemptCount'
  | 'waitedMs'
  | 'uncertainCount'
  | 'crashCount'
  | 'acceptedCount'
  | 'isReleased'
  | 'isCounted'
  | 'overrides'
  | 'draft'
>;

const noHistory: MailHistory = {
  attemptCount: 0,
  waitedMs: 0,
  uncertainCount: 0,
  crashCount: 0,
  acceptedCount: 0,
  isReleased: false,
  isCounted: false,
  overrides: 0,
  draft: null,
};

/** The column `history` of a claim: of a queue entry `d` and its message `m`. Nine values a mail cost more than one. */
export const historyColumn = `case when d.crash_count = 0 and d.overrides = 0 and not d.is_counted
    and m.attempt_count = 0 and m.waited_ms = 0 and m.waited_from is null and m.uncertain_count = 0
    and m.accepted_count = 0 and m.released_at is null and m.draft is null then null
  else json_build_object(
    'attemptCount', m.attempt_count,
    'waitedMs', mailroom.tried_ms(m.waited_ms, m.waited_from, m.halted_from_ms, d.due_at, m.project_id),
    'uncertainCount', m.uncertain_count, 'crashCount', d.crash_count, 'acceptedCount', m.accepted_count,
    'isReleased', m.released_at is not null, 'isCounted', d.is_counted, 'overrides', d.overrides, 'draft', m.draft)
  end`;

/** How many bytes of this mail are read with its claim. */
export function bytesAhead({ size_bytes }: ClaimedRow): number {
  return size_bytes <= prefetchedBodyBytes ? size_bytes : 0;
}

interface MailOwner {
  readonly id: string;
  readonly organizationId: string;
}

/**
 * The mails of these rows with their recipients, contents and the sending modes of their keys. One statement for each
 * kind: gathered per mail in the claim itself they cost Postgres more than all the rest of it.
 */
export async function readClaimed(
  tx: Transaction,
  { rows, project }: { readonly rows: readonly ClaimedRow[]; readonly project: MailOwner },
): Promise<readonly ClaimedMail[]> {
  const ids = rows.map(({ message_id }) => message_id);
  const [recipients, contents, keys] = await Promise.all([
    readRecipients(tx, ids),
    readContents(tx, rows, ids),
    readKeys(tx, rows),
  ]);
  return rows.map((row) => {
    const own = recipients.get(row.message_id) ?? none;
    const content = contents.get(row.message_id);
    const pending = own.filter(({ state }) => state === 'pending');
    const key = row.api_key_id === null ? undefined : keys.get(row.api_key_id);
    const history = row.history ?? noHistory;
    return {
      messageId: row.message_id,
      organizationId: project.organizationId,
      projectId: project.id,
      priority: row.priority,
      dueKey: row.due_key,
      internetMessageId: row.internet_message_id,
      fromAddress: row.from_address,
      envelopeFrom: row.envelope_from,
      sizeBytes: row.size_bytes,
      attemptCount: history.attemptCount,
      waitedMs: history.waitedMs,
      uncertainCount: history.uncertainCount,
      crashCount: history.crashCount,
      acceptedCount: history.acceptedCount,
      capturedCount: own.length - pending.length,
      isReleased: history.isReleased,
      recipientCount: row.recipient_count,
      isCounted: history.isCounted,
      overrides: history.overrides,
      draft: history.draft,
      keyMode: key?.mode ?? null,
      keySenders: key?.senders ?? null,
      pending,
      headers: content?.headers ?? null,
      filledHeaders: content === undefined || content.filled === '' ? none : content.filled.split(','),
      body: content?.bytes ?? null,
    };
  });
}

const none: readonly never[] = [];

interface RecipientRow {
  readonly message_id: string;
  readonly position: number;
  readonly address: string;
  readonly state: 'pending' | 'captured';
}

async function readRecipients(
  tx: Transaction,
  ids: readonly string[],
): Promise<ReadonlyMap<string, RecipientRow[]>> {
  const { rows } = await tx.queryPrepared<RecipientRow>(
    `select message_id, position, address, state from mailroom.recipients
     where message_id = any ($1::uuid[]) and state in ('pending', 'captured') order by message_id, position`,
    [arrayLiteral(ids)],
  );
  const byMessage = new Map<string, RecipientRow[]>();
  for (const row of rows) {
    const own = byMessage.get(row.message_id);
    if (own === undefined) byMessage.set(row.message_id, [row]);
    else own.push(row);
  }
  return byMessage;
}

interface ContentRow {
  readonly id: string;
  readonly headers: string | null;
  /** Names of headers hold no comma (RFC 5322 2.2). */
  readonly filled: string;
  readonly bytes: Buffer | null;
}

// In binary, so that the bytes travel as they are. The range names the partitions before the statement runs: with the
// ids alone every partition is asked for every mail.
async function readContents(
  tx: Transaction,
  rows: readonly ClaimedRow[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, ContentRow>> {
  const ordered = ids.toSorted();
  const streamed = rows.filter(({ size_bytes }) => size_bytes > prefetchedBodyBytes);
  const contents = await tx.queryBinary<ContentRow>(
    `select c.message_id::text as id, c.headers, coalesce(array_to_string(c.filled_headers, ','), '') as filled,
       case when c.message_id <> all ($4::uuid[]) then c.bytes end as bytes
     from unnest($1::uuid[]) as w(id)
     join mailroom.contents c on c.message_id = w.id and c.part = 0 and c.message_id between $2::uuid and $3::uuid`,
    [arrayLiteral(ids), ordered[0], ordered.at(-1), streamed.map(({ message_id }) => message_id)],
  );
  return new Map(contents.rows.map((row) => [row.id, row]));
}

interface KeyRules {
  readonly mode: SendingMode | null;
  readonly senders: readonly string[] | null;
}

async function readKeys(
  tx: Transaction,
  rows: readonly ClaimedRow[],
): Promise<ReadonlyMap<string, KeyRules>> {
  const ids = new Set(rows.flatMap(({ api_key_id }) => (api_key_id === null ? [] : [api_key_id])));
  if (ids.size === 0) return new Map();
  const keys = await tx.queryPrepared<{
    id: string;
    sending_mode: unknown;
    allowed_senders: string[] | null;
  }>('select id, sending_mode, allowed_senders from mailroom.api_keys where id = any ($1::uuid[])', [
    [...ids],
  ]);
  return new Map(
    keys.rows.map((row) => [row.id, { mode: readKeyMode(row.sending_mode), senders: row.allowed_senders }]),
  );
}

// A mode that cannot be read holds everything: better a mail kept here than one that should not have left.
function readKeyMode(value: unknown): SendingMode | null {
  if (value === null) return null;
  const read = sendingMode.safeParse(value);
  return read.success ? read.data : { kind: 'capture' };
}
