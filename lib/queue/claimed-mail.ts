import { sendingMode, type SendingMode } from '#lib/settings/schemas.ts';
import type { EnvelopeRecipient } from '#lib/policy/sending-mode.ts';

/** A mail that the holder of a lane has in hand. Nothing is written for it before its `started` mark. */
export interface ClaimedMail {
  readonly messageId: string;
  readonly organizationId: string;
  readonly projectId: string;
  readonly priority: number;
  /** The due time as Postgres writes it: a Date would lose the microseconds that the cursor stands on. */
  readonly dueKey: string;
  readonly internetMessageId: string;
  readonly fromAddress: string | null;
  readonly envelopeFrom: string | null;
  readonly sizeBytes: number;
  readonly attemptCount: number;
  readonly waitedMs: number;
  readonly uncertainCount: number;
  readonly crashCount: number;
  readonly acceptedCount: number;
  readonly capturedCount: number;
  readonly isReleased: boolean;
  readonly keyMode: SendingMode | null;
  readonly pending: readonly EnvelopeRecipient[];
  /** Null where part 0 is missing: such a mail cannot be made ready. */
  readonly headers: string | null;
  readonly filledHeaders: readonly string[];
  /** The whole body of a small mail; null where it is streamed part by part. */
  readonly body: Buffer | null;
}

/** A row of the claim as Postgres gives it. */
export interface ClaimedRow {
  readonly message_id: string;
  readonly organization_id: string;
  readonly project_id: string;
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
  readonly captured_count: number;
  readonly is_released: boolean;
  readonly key_mode: unknown;
  readonly positions: readonly number[] | null;
  readonly addresses: readonly string[] | null;
  readonly headers: string | null;
  readonly filled_headers: readonly string[] | null;
}

export function toClaimedMail(row: ClaimedRow, body: Buffer | null): ClaimedMail {
  const addresses = row.addresses ?? [];
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
    capturedCount: row.captured_count,
    isReleased: row.is_released,
    keyMode: readKeyMode(row.key_mode),
    pending: (row.positions ?? []).map((position, index) => ({ position, address: addresses[index] ?? '' })),
    headers: row.headers,
    filledHeaders: row.filled_headers ?? [],
    body,
  };
}

// A mode that cannot be read holds everything: better a mail kept here than one that should not have left.
function readKeyMode(value: unknown): SendingMode | null {
  if (value === null) return null;
  const read = sendingMode.safeParse(value);
  return read.success ? read.data : { kind: 'capture' };
}
