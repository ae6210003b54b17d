import { remedyFor } from '#lib/doctor/remedies.ts';
import type { UncertainItem } from '#lib/messages/list-uncertain.ts';

/** A mail in doubt as a row of its list. Instants are ISO strings. */
export interface UncertainRow {
  readonly id: string;
  readonly to: string;
  /** Recipients beside the first. */
  readonly others: number;
  readonly subject: string;
  /** The server's own words; null where it said nothing. */
  readonly said: string | null;
  /** What happened, and how far the try had come. */
  readonly happened: string;
  readonly tries: number;
  readonly stateAt: string;
}

const stageWords: Readonly<Record<string, string>> = {
  content: 'after the content',
  answer: 'while its answer was waited for',
  http: 'while its answer was waited for',
};

// No server said these.
const ownWords: Readonly<Record<string, string>> = {
  WORKER_LOST: 'The worker ended.',
  TRANSPORT_FAILED: 'The transport broke down.',
  MAGIC_UNCERTAIN: 'This address is for tests and never answers.',
};

export function toUncertainRow(item: UncertainItem): UncertainRow {
  const { lastCode } = item;
  const happened =
    lastCode === null ? 'Nothing is known.' : (ownWords[lastCode] ?? remedyFor(lastCode).happened);
  // A test address has no server that could be waited for.
  const isTest = lastCode === 'MAGIC_UNCERTAIN';
  const stage =
    item.stage === null || isTest ? undefined : (stageWords[item.stage] ?? `at the step ${item.stage}`);
  return {
    id: item.id,
    to: item.firstRecipient,
    others: item.recipientCount - 1,
    subject: item.subject,
    said: item.lastReply,
    happened: stage === undefined ? happened : `${happened.replace(/\.$/, '')}, ${stage}.`,
    tries: item.attemptCount,
    stateAt: item.stateAt,
  };
}
