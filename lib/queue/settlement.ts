import type { OutcomeDecision } from '#lib/policy/decide-outcome.ts';
import type { SendOutcome, ServerReply, TranscriptLine } from '#lib/transports/contract.ts';

/** One attempt that has ended, with what was decided about its mail. */
export interface Settlement {
  readonly messageId: string;
  readonly organizationId: string;
  readonly projectId: string;
  readonly attemptId: string;
  /** Whether the `started` mark stands; without it the mail is settled only while nobody else has started it. */
  readonly isMarked: boolean;
  readonly workerId: string;
  readonly settingsVersion: number;
  readonly endpoint: 'primary' | 'alternate' | null;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly number: number;
  readonly isRepeat: boolean;
  readonly outcome: SendOutcome;
  readonly decision: OutcomeDecision;
  readonly crashCount: number;
  readonly transcript: readonly TranscriptLine[] | null;
}

/** What is kept of an outcome in the attempt's row. */
export interface AttemptWords {
  readonly stage: string | null;
  readonly code: string | null;
  readonly reply: ServerReply | null;
  readonly serverId: string | null;
  readonly accepted: number;
  readonly refused: number;
}

export function attemptWords(outcome: SendOutcome): AttemptWords {
  switch (outcome.kind) {
    case 'accepted': {
      const accepted = outcome.perRecipient.filter(({ kind }) => kind === 'accepted').length;
      const refused = outcome.perRecipient.length - accepted;
      const code = outcome.isFound === true ? 'FOUND_SENT' : null;
      return { stage: null, code, reply: outcome.reply, serverId: outcome.serverId, accepted, refused };
    }
    case 'temporary':
    case 'permanent': {
      const { stage, code, reply } = outcome.fault;
      return { stage, code, reply, serverId: null, accepted: 0, refused: outcome.perRecipient.length };
    }
    case 'unreachable':
    case 'throttled':
    case 'credentials':
    case 'uncertain': {
      const { stage, code, reply } = outcome.fault;
      return { stage, code, reply, serverId: null, accepted: 0, refused: 0 };
    }
    case 'withheld':
      return { stage: null, code: null, reply: null, serverId: null, accepted: 0, refused: 0 };
    default:
      return outcome satisfies never;
  }
}
