import type { Transaction } from '#db/client.ts';
import { sendingMode, type SendingMode } from '#lib/settings/schemas.ts';
import type { ClaimedMail } from './claimed-mail.ts';

/** Bodies above this are never read ahead but streamed; below it a body is surely one part. */
const prefetchedBodyBytes = 512 * 1024;

/** A due mail as the claim finds it, before what belongs to it is read. */
export interface ClaimedRow {
  readonly message_id: string;
  readonly organization_id: string;
  readonly project_id: string;
  readonly api_key_id: string | null;
  readonly priority: number;
  readonly due_key: string;
  readonly internet_message_id: string;
  readonly from_address: string | null;
  readonly envelope_from: string | null;
  readonly size_bytes: number;
  readonly attempt_count: number;
  readonly waited_ms: number;
  readonly uncertain_count: number;
  readonly crash_count: number;
  readonly accepted_count: number;
  readonly is_released: boolean;
  readonly recipient_count: number;
  readonly is_counted: boolean;
  readonly overrides: number;
  readonly draft: string | null;
}

/** How many bytes of this mail are read with its claim. */
export function bytesAhead({ size_bytes }: ClaimedRow): number {
  return size_bytes <= prefetchedBodyBytes ? size_bytes : 0;
}

/**
 * The mails of these rows with their recipients, contents and the sending modes of their keys. One statement for each
 * kind: gathered per mail in the claim itself they cost Postgres more than all the rest of it.
 */
export async function readClaimed(
  tx: Transaction,
  rows: readonly ClaimedRow[],
): Promise<readonly ClaimedMail[]> {
  const ids = rows.map(({ message_id }) => message_id);
  const recipients = await readRecipients(tx, ids);
  const contents = await readContents(tx, rows, ids);
  const keys = await readKeys(tx, rows);
  return rows.map((row) => {
    const own = recipients.get(row.message_id) ?? [];
    const content = contents.get(row.message_id);
    const pending = own.filter(({ state }) => state === 'pending');
    return {
      messageId: row.message_id,
      organizationId: row.organization_id,
      projectId: row.project_id,
      priority: row.priority,
      dueKey: row.due_key,
      internetMessageId: row.internet_message_id,
      fromAddress: row.from_address,
      envelopeFrom: row.envelope_from,
      sizeBytes: row.size_bytes,
      attemptCount: row.attempt_count,
      waitedMs: row.waited_ms,
      uncertainCount: row.uncertain_count,
      crashCount: row.crash_count,
      acceptedCount: row.accepted_count,
      capturedCount: own.length - pending.length,
      isReleased: row.is_released,
      recipientCount: row.recipient_count,
      isCounted: row.is_counted,
      overrides: row.overrides,
      draft: row.draft,
      keyMode: keys.get(row.api_key_id)?.mode ?? null,
      keySenders: keys.get(row.api_key_id)?.senders ?? null,
      pending,
      headers: content?.headers ?? null,
      filledHeaders: content === undefined || content.filled === '' ? [] : content.filled.split(','),
      body: content?.bytes ?? null,
    };
  });
}

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
    [ids],
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
    [ids, ordered[0], ordered.at(-1), streamed.map(({ message_id }) => message_id)],
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
): Promise<ReadonlyMap<string | null, KeyRules>> {
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
