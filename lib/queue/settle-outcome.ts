import type { OutcomeDecision, OutcomeFacts } from '#lib/policy/decide-outcome.ts';
import { addMagicResults } from '#lib/policy/magic-outcome.ts';
import type { MailSettingsDocument } from '#lib/settings/schemas.ts';
import type { SendOutcome, TranscriptLine } from '#lib/transports/contract.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { DrainHost } from './drain-host.ts';
import type { PreparedMail } from './prepare-mail.ts';
import { attemptWords } from './settlement.ts';
import type { OpenTransport } from './transport-cache.ts';

/** What the outcome of a mail is decided by. */
export function outcomeFacts(
  { mail, departure }: PreparedMail,
  { sending: { retry, uncertain } }: MailSettingsDocument,
): OutcomeFacts {
  const magic = departure.magic.map(({ address, position }) => ({ address, positions: [position] }));
  return {
    leaving: [...departure.leaving, ...magic],
    captured: departure.captured,
    acceptedBefore: mail.acceptedCount,
    capturedBefore: mail.capturedCount,
    attemptCount: mail.attemptCount,
    waitedMs: mail.waitedMs,
    uncertainCount: mail.uncertainCount,
    crashCount: mail.crashCount,
    schedule: retry,
    uncertainChoice: uncertain,
    repeatsAtOnce: false,
  };
}

/** What it means that a copy of an earlier try was found at the far side: all recipients of it have the mail. */
export function foundOutcome({ leaving, magic }: PreparedMail['departure']): SendOutcome {
  const found: SendOutcome = {
    kind: 'accepted',
    serverId: null,
    reply: null,
    perRecipient: leaving.map(({ address }) => ({ kind: 'accepted', address, reply: null })),
    isFound: true,
  };
  return addMagicResults(found, magic);
}

export interface EndedAttempt {
  readonly mail: ClaimedMail;
  readonly opened: OpenTransport;
  readonly attemptId: string;
  readonly workerId: string;
  readonly isMarked: boolean;
  readonly startedAt: Date;
  readonly outcome: SendOutcome;
  readonly decision: OutcomeDecision;
  readonly transcript: readonly TranscriptLine[] | null;
}

/** Writes how an attempt ended, and tells the log when that is committed. */
export async function settleOutcome(host: DrainHost, ended: EndedAttempt): Promise<void> {
  const { mail, opened, attemptId, workerId, isMarked, startedAt, outcome, decision, transcript } = ended;
  const endedAt = host.clock.now();
  host.sending.noteEnded(attemptId);
  const answer = await host.settles.settle({
    messageId: mail.messageId,
    organizationId: mail.organizationId,
    projectId: mail.projectId,
    attemptId,
    isMarked,
    workerId,
    settingsVersion: opened.version,
    endpoint: opened.endpoint,
    startedAt,
    endedAt,
    number: mail.attemptCount + 1,
    isRepeat: mail.uncertainCount > 0 && (isMarked || !isFoundOutcome(outcome)),
    outcome,
    decision,
    crashCount: mail.crashCount,
    transcript,
  });
  if (decision.message.state === 'sent') host.onSent();
  const { stage, code, reply } = attemptWords(outcome);
  host.log.info(
    {
      messageId: mail.messageId,
      projectId: mail.projectId,
      attemptId,
      outcome: outcome.kind,
      state: decision.message.state,
      stage,
      code,
      replyCode: reply?.code ?? null,
      durationMs: endedAt.getTime() - startedAt.getTime(),
      answer,
    },
    'attempt',
  );
}

function isFoundOutcome(outcome: SendOutcome): boolean {
  return outcome.kind === 'accepted' && outcome.isFound === true;
}
