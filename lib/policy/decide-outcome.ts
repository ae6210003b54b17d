import type { RetrySchedule, UncertainChoice } from '#lib/settings/schemas.ts';
import type { Fault, RecipientResult, SendOutcome } from '#lib/transports/contract.ts';
import { decideUncertain } from './crash-rule.ts';
import { decideRetry } from './decide-retry.ts';
import { lastLookCount } from './look-first.ts';
import { recipientResults, type RecipientChange } from './recipient-results.ts';

/** What is known of a mail when its outcome comes in. */
export interface OutcomeFacts {
  readonly leaving: readonly { readonly address: string; readonly positions: readonly number[] }[];
  /** Recipients that the sending mode keeps here, by position. */
  readonly captured: readonly number[];
  readonly acceptedBefore: number;
  readonly capturedBefore: number;
  readonly attemptCount: number;
  /** The time so far in which it could be tried. */
  readonly waitedMs: number;
  readonly uncertainCount: number;
  readonly crashCount: number;
  readonly schedule: RetrySchedule;
  readonly uncertainChoice: UncertainChoice;
  /** A lost worker is no fault of the server, so the repeat need not wait. */
  readonly repeatsAtOnce: boolean;
  /** A mail that is not sent again goes back for one last look: who decides here cannot look. */
  readonly looksLater?: boolean;
}

export type LaneEffect =
  | { readonly kind: 'none' }
  /** The server answered about this mail: whatever the lane waited for is over. */
  | { readonly kind: 'reached' }
  | { readonly kind: 'stop'; readonly fault: Fault }
  | {
      readonly kind: 'wait';
      readonly waitKind: 'unreachable' | 'throttled';
      readonly fault: Fault;
      readonly askedMs: number | null;
    };

export type MessageEnd =
  | { readonly kind: 'finished'; readonly state: 'sent' | 'failed' | 'captured' | 'uncertain' }
  /** Goes back before claim; `waitMs` null leaves its due time as it is. */
  | { readonly kind: 'again'; readonly state: 'queued' | 'retrying'; readonly waitMs: number | null };

export interface OutcomeDecision {
  readonly message: MessageEnd;
  readonly reason: string | null;
  /** Whether this counts as a try of the mail. Waiting for a server or a person never does. */
  readonly costsTry: boolean;
  /** As given: the next wait counts as it passes. */
  readonly waitedMs: number;
  readonly uncertainCount: number;
  readonly recipients: readonly RecipientChange[];
  readonly lane: LaneEffect;
}

/**
 * What follows from an outcome, for the message, its recipients, its place in the queue and its lane. `random` in
 * [0, 1) moves the next try.
 */
export function decideOutcome(outcome: SendOutcome, facts: OutcomeFacts, random: number): OutcomeDecision {
  switch (outcome.kind) {
    case 'accepted':
    case 'temporary':
    case 'permanent':
      return decideAnswered(outcome, facts, random);
    case 'uncertain':
      return decideLost(facts, random);
    case 'unreachable':
      return goBack(facts, { kind: 'wait', waitKind: 'unreachable', fault: outcome.fault, askedMs: null });
    case 'throttled':
      return goBack(facts, {
        kind: 'wait',
        waitKind: 'throttled',
        fault: outcome.fault,
        askedMs: outcome.retryAfterMs,
      });
    case 'credentials':
      return goBack(facts, { kind: 'stop', fault: outcome.fault });
    case 'withheld':
      return goBack(facts, { kind: 'none' });
    default:
      return outcome satisfies never;
  }
}

type Answered = Extract<SendOutcome, { kind: 'accepted' | 'temporary' | 'permanent' }>;

function decideAnswered(outcome: Answered, facts: OutcomeFacts, random: number): OutcomeDecision {
  const results = recipientResults(outcome, facts.leaving);
  const isPending = results.some(({ state }) => state === 'pending');
  const kept: RecipientChange[] = facts.captured.map((position) => ({
    position,
    state: 'captured',
    code: null,
    reply: null,
  }));
  const shared = { costsTry: true, uncertainCount: facts.uncertainCount, lane: { kind: 'reached' } } as const;
  const lastCode = outcome.kind === 'accepted' ? firstRefusal(outcome.perRecipient) : outcome.fault.code;
  if (!isPending) {
    const recipients = [...results, ...kept];
    const end = finish(recipients, facts, lastCode);
    return { ...shared, ...end, waitedMs: facts.waitedMs, recipients };
  }
  const retry = decideRetry(
    { schedule: facts.schedule, earlierTries: facts.attemptCount, waitedMs: facts.waitedMs },
    random,
  );
  if (retry.kind === 'retry') {
    return {
      ...shared,
      message: { kind: 'again', state: 'retrying', waitMs: retry.waitMs },
      reason: lastCode,
      waitedMs: facts.waitedMs,
      recipients: results,
    };
  }
  const recipients: RecipientChange[] = [
    ...results.map((result) =>
      result.state === 'pending' ? { ...result, state: 'refused' as const } : result,
    ),
    ...kept,
  ];
  const end = finish(recipients, facts, retry.reason);
  return { ...shared, ...end, waitedMs: facts.waitedMs, recipients };
}

/** PRODUCT 4.3: sent when none is pending and at least one was accepted, failed when none was. */
function finish(
  recipients: readonly RecipientChange[],
  facts: OutcomeFacts,
  lastCode: string | null,
): Pick<OutcomeDecision, 'message' | 'reason'> {
  const count = (state: RecipientChange['state']): number =>
    recipients.filter((recipient) => recipient.state === state).length;
  if (facts.acceptedBefore + count('accepted') > 0) {
    return { message: { kind: 'finished', state: 'sent' }, reason: null };
  }
  if (facts.capturedBefore + count('captured') > 0) {
    return { message: { kind: 'finished', state: 'captured' }, reason: null };
  }
  return { message: { kind: 'finished', state: 'failed' }, reason: lastCode };
}

function decideLost(facts: OutcomeFacts, random: number): OutcomeDecision {
  const uncertainCount = facts.uncertainCount + 1;
  const shared = { costsTry: true, uncertainCount, recipients: [], lane: { kind: 'none' } } as const;
  const decision = decideUncertain({
    uncertainCount,
    // A mail that could not be made ready for a while is counted with those too; a lost answer ends no worker.
    crashCount: facts.repeatsAtOnce ? facts.crashCount : 0,
    choice: facts.uncertainChoice,
  });
  if (decision.kind === 'uncertain') {
    const { reason } = decision;
    const message = { kind: 'finished', state: 'uncertain' } as const;
    const left = { ...shared, message, reason, waitedMs: facts.waitedMs };
    return facts.looksLater === true && reason !== 'HELD_BY_CHOICE' ? lookLater(left) : left;
  }
  const again = { ...shared, reason: 'REPEAT_AFTER_UNCERTAIN' } as const;
  if (facts.repeatsAtOnce) {
    return { ...again, message: { kind: 'again', state: 'retrying', waitMs: 0 }, waitedMs: facts.waitedMs };
  }
  const retry = decideRetry(
    { schedule: facts.schedule, earlierTries: facts.attemptCount, waitedMs: facts.waitedMs },
    random,
  );
  if (retry.kind === 'give_up') {
    const { reason } = retry;
    return { ...shared, message: { kind: 'finished', state: 'uncertain' }, reason, waitedMs: facts.waitedMs };
  }
  return {
    ...again,
    message: { kind: 'again', state: 'retrying', waitMs: retry.waitMs },
    waitedMs: facts.waitedMs,
  };
}

/** A mail that would be left to a person goes back for one last look first. */
export function lookLater(decision: OutcomeDecision): OutcomeDecision {
  const message = { kind: 'again', state: 'retrying', waitMs: 0 } as const;
  return { ...decision, message, reason: 'LOOKED_FOR_LAST', uncertainCount: lastLookCount };
}

/** Back before claim with its turn kept: nothing was decided about the mail itself. */
function goBack(facts: OutcomeFacts, lane: LaneEffect): OutcomeDecision {
  return {
    message: { kind: 'again', state: facts.attemptCount > 0 ? 'retrying' : 'queued', waitMs: null },
    reason: null,
    costsTry: false,
    waitedMs: facts.waitedMs,
    uncertainCount: facts.uncertainCount,
    recipients: [],
    lane,
  };
}

function firstRefusal(results: readonly RecipientResult[]): string | null {
  for (const result of results) if (result.kind !== 'accepted') return result.code;
  return null;
}
