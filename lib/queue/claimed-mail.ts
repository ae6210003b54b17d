import type { SendingMode } from '#lib/settings/schemas.ts';
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
  /** All its envelope recipients, pending or not. */
  readonly recipientCount: number;
  /** It was counted in the limits at an earlier start. */
  readonly isCounted: boolean;
  /** Limits that a person let it pass; bits. */
  readonly overrides: number;
  /** Where an earlier try has left it at Microsoft Graph, as `MailDraftRecord` writes it. */
  readonly draft: string | null;
  readonly keyMode: SendingMode | null;
  /** From addresses and domains that its API key narrows it to; null leaves the project's. */
  readonly keySenders: readonly string[] | null;
  readonly pending: readonly EnvelopeRecipient[];
  /** Null where part 0 is missing: such a mail cannot be made ready. */
  readonly headers: string | null;
  readonly filledHeaders: readonly string[];
  /** The whole body of a small mail; null where it is streamed part by part. */
  readonly body: Buffer | null;
}
