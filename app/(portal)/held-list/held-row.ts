import type { HeldItem } from '#lib/backlog/views.ts';
import type { HoldReason } from '#lib/policy/hold-reasons.ts';

/** A held mail as a row of the list. Instants are ISO strings. */
export interface HeldRow {
  readonly id: string;
  readonly project: string;
  readonly heldAt: string;
  readonly reason: HoldReason;
  /** Of a mail that has too many, how many it may have; null where that is not known here. */
  readonly recipientsLimit: number | null;
  readonly to: string;
  /** Recipients beside the first. */
  readonly others: number;
  readonly subject: string;
  readonly category: string;
  readonly priority: HeldItem['priority'];
  readonly recipients: number;
  readonly sizeBytes: number;
  readonly expiresAt: string | null;
  readonly expiresSoon: boolean;
}

const soonMs = 24 * 3_600_000;

/** `recipientsLimit` is what one mail of the list's project may have; `now` the instant that ages count from. */
export function toHeldRow(item: HeldItem, now: string, recipientsLimit: number | null): HeldRow {
  return {
    id: item.id,
    project: item.project.name,
    heldAt: item.heldAt,
    reason: item.reason,
    recipientsLimit,
    to: item.firstRecipient,
    others: item.recipientCount - 1,
    subject: item.subject,
    category: item.category,
    priority: item.priority,
    recipients: item.recipientCount,
    sizeBytes: item.sizeBytes,
    expiresAt: item.expiresAt,
    expiresSoon: item.expiresAt !== null && Date.parse(item.expiresAt) - Date.parse(now) < soonMs,
  };
}
