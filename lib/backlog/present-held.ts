import { priorityLabels } from '../messages/labels.ts';
import { isoOrNull } from '../messages/present-message.ts';
import type { HoldReason } from '../policy/hold-reasons.ts';
import type { HeldState } from './schemas.ts';
import type { HeldItem } from './views.ts';

/** A held mail with what its message and project say, as `heldColumns` reads it. */
export interface HeldRow {
  readonly id: string;
  readonly project_id: string;
  readonly project_slug: string;
  readonly project_name: string;
  readonly state: HeldState;
  readonly reason: HoldReason;
  readonly held_at: Date;
  readonly accepted_at: Date;
  readonly send_at: Date | null;
  readonly expires_at: Date | null;
  readonly subject: string;
  readonly from_address: string | null;
  readonly first_recipient: string;
  readonly recipient_count: number;
  readonly accepted_count: number;
  readonly category: string;
  readonly priority: number;
  readonly size_bytes: number;
  readonly attempt_count: number;
  readonly is_counted: boolean;
}

/** Columns of a `HeldRow`, from held_messages h, messages m and projects p. */
export const heldColumns = `
  h.message_id as id, h.project_id, p.slug as project_slug, p.name as project_name, h.state, h.reason, h.held_at,
  m.accepted_at, m.send_at, h.expires_at, m.subject, m.from_address, m.first_recipient, h.recipient_count,
  m.accepted_count, h.category, h.priority, h.size_bytes, m.attempt_count, h.counted_at is not null as is_counted`;

export function presentHeld(row: HeldRow): HeldItem {
  return {
    id: row.id,
    project: { id: row.project_id, slug: row.project_slug, name: row.project_name },
    state: row.state,
    reason: row.reason,
    heldAt: row.held_at.toISOString(),
    acceptedAt: row.accepted_at.toISOString(),
    sendAt: isoOrNull(row.send_at),
    expiresAt: isoOrNull(row.expires_at),
    subject: row.subject,
    from: row.from_address,
    firstRecipient: row.first_recipient,
    recipientCount: row.recipient_count,
    acceptedCount: row.accepted_count,
    category: row.category,
    priority: priorityLabels[row.priority] ?? 'normal',
    sizeBytes: row.size_bytes,
    attemptCount: row.attempt_count,
    isCounted: row.is_counted,
  };
}
