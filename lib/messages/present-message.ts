import type { messages } from '#db/schema/messages.ts';
import type { lanes } from '#db/schema/projects.ts';
import type { ProjectRow } from '../access/load-project.ts';
import { type HoldReason, holdReasonFacts, isHoldReason, type ReleasedBy } from '../policy/hold-reasons.ts';
import {
  type MessageState,
  type PriorityLabel,
  priorityLabels,
  type WaitingReason,
  waitingLabels,
} from './labels.ts';
import type { PoolWait } from '../pools/read-project-pace.ts';
import { waitingReason } from './waiting-reason.ts';

export type MessageRow = typeof messages.$inferSelect;
export type LaneRow = typeof lanes.$inferSelect;

/** Why an unfinished message does not start yet, and until when where that is known. Instants are ISO strings. */
export interface Waiting {
  readonly reason: WaitingReason;
  readonly explanation: string;
  readonly until: string | null;
}

/** Why a message of the backlog is held, and who may let it go. */
export interface Held {
  readonly reason: HoldReason;
  readonly label: string;
  readonly explanation: string;
  readonly releasedBy: ReleasedBy;
}

/** A message as lists show it, and the head of the page of one. Instants are ISO strings. */
export interface MessageListItem {
  readonly id: string;
  readonly state: MessageState;
  readonly stateReason: string | null;
  readonly stateAt: string;
  readonly acceptedAt: string;
  readonly sendAt: string | null;
  readonly expiresAt: string | null;
  readonly sentAt: string | null;
  /** Null where it is not waiting for another try. */
  readonly nextAttemptAt: string | null;
  readonly waiting: Waiting | null;
  readonly held: Held | null;
  readonly subject: string;
  /** Null: the configured sender. */
  readonly from: string | null;
  readonly firstRecipient: string;
  readonly recipientCount: number;
  readonly acceptedCount: number;
  readonly messageId: string;
  readonly category: string;
  readonly priority: PriorityLabel;
  readonly sizeBytes: number;
  readonly attemptCount: number;
  /** It may have arrived twice (PRODUCT 4.8). */
  readonly isRepeated: boolean;
  readonly lastCode: string | null;
  readonly lastReply: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export interface PresentFacts {
  readonly project: ProjectRow;
  readonly lane: LaneRow | null;
  /** Null where no pool holds the project's mail back. */
  readonly poolWait: PoolWait | null;
  readonly now: Date;
}

export function presentListItem(row: MessageRow, facts: PresentFacts): MessageListItem {
  return {
    id: row.id,
    state: row.state,
    stateReason: row.stateReason,
    stateAt: row.stateAt.toISOString(),
    acceptedAt: row.acceptedAt.toISOString(),
    sendAt: isoOrNull(row.sendAt),
    expiresAt: isoOrNull(row.expiresAt),
    sentAt: isoOrNull(row.sentAt),
    nextAttemptAt: row.state === 'retrying' ? isoOrNull(row.nextAttemptAt) : null,
    waiting: waitingOf(row, facts),
    held: heldOf(row),
    subject: row.subject,
    from: row.fromAddress,
    firstRecipient: row.firstRecipient,
    recipientCount: row.recipientCount,
    acceptedCount: row.acceptedCount,
    messageId: row.internetMessageId,
    category: row.category,
    priority: priorityLabels[row.priority] ?? 'normal',
    sizeBytes: row.sizeBytes,
    attemptCount: row.attemptCount,
    isRepeated: row.repeatCount > 0,
    lastCode: row.lastCode,
    lastReply: row.lastReply,
    tags: row.tags,
    metadata: readMetadata(row.metadata),
  };
}

export function isoOrNull(date: Date | null): string | null {
  return date === null ? null : date.toISOString();
}

function waitingOf(row: MessageRow, { project, lane, poolWait, now }: PresentFacts): Waiting | null {
  if (row.state !== 'queued' && row.state !== 'retrying') return null;
  const reason = waitingReason({
    project,
    lane: lane ?? { stoppedAt: null, waitUntil: null },
    sendAt: row.sendAt,
    now,
  });
  if (reason === null) return pacedOf(row, { poolWait, now });
  const until = reason === 'send_at' ? row.sendAt : reason === 'waiting' ? (lane?.waitUntil ?? null) : null;
  return { reason, explanation: waitingLabels[reason], until: isoOrNull(until) };
}

/** A retry that is not due yet waits for its own time. */
function pacedOf(row: MessageRow, { poolWait, now }: Pick<PresentFacts, 'poolWait' | 'now'>): Waiting | null {
  const isDue = row.nextAttemptAt === null || row.nextAttemptAt <= now;
  if (poolWait === null || !isDue) return null;
  return { reason: 'paced', explanation: poolWait.explanation, until: poolWait.until.toISOString() };
}

function heldOf({ state, stateReason }: MessageRow): Held | null {
  if (state !== 'backlog' || !isHoldReason(stateReason)) return null;
  const { label, meaning, releasedBy } = holdReasonFacts[stateReason];
  return { reason: stateReason, label, explanation: meaning, releasedBy };
}

function readMetadata(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, String(entry)]));
}
