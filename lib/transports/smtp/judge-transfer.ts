import type { NodemailerError } from 'nodemailer';
import type { RecipientResult, SendOutcome, ServerReply, Stage } from '../contract.ts';
import { refusedOutcome, type Judged } from '../outcome.ts';
import type { SmtpFaultCode, Verdict } from './fault-codes.ts';
import { judgeFailure } from './judge-failure.ts';
import { judgeReply } from './judge-reply.ts';
import type { EnvelopePlan } from './plan-envelope.ts';
import { parseReply } from './reply.ts';
import type { Transfer, TransferReach } from './session.ts';

/** Turns what happened on the wire into the outcome of the mail: the one place where SMTP is judged. */
export function judgeTransfer(
  transfer: Transfer,
  plan: EnvelopePlan,
  secretForms: readonly string[],
): SendOutcome {
  switch (transfer.kind) {
    case 'withheld':
      return { kind: 'withheld' };
    case 'unreadable':
      return refusedOutcome(ofMail('temporary', 'SMTP_CONTENT_UNREADABLE', null));
    case 'outOfStep':
      return brokenOff('content', 'SMTP_PROTOCOL', null);
    case 'answered':
      return judgeAnswer(transfer.info, plan, secretForms);
    case 'failed':
      return judgeFailed(transfer, plan, secretForms);
    default: {
      const never: never = transfer;
      return never;
    }
  }
}

type Answered = Extract<Transfer, { kind: 'answered' }>['info'];
type Failed = Extract<Transfer, { kind: 'failed' }>;

function judgeAnswer(info: Answered, plan: EnvelopePlan, secretForms: readonly string[]): SendOutcome {
  const reply = parseReply(info.response, secretForms);
  const perRecipient: RecipientResult[] = [...plan.refused];
  for (const wire of info.accepted) {
    for (const address of plan.recipients.get(wire) ?? [])
      perRecipient.push({ kind: 'accepted', address, reply });
  }
  if (info.rejectedErrors !== undefined)
    perRecipient.push(...refusals(info.rejectedErrors, plan, secretForms).results);
  return { kind: 'accepted', serverId: info.serverMessageId ?? queueId(reply), reply, perRecipient };
}

function judgeFailed(transfer: Failed, plan: EnvelopePlan, secretForms: readonly string[]): SendOutcome {
  const { failure, reached } = transfer;
  switch (failure.cause) {
    case 'refused':
      // After end-of-data only a 4yz or 5yz says that the server has not kept the mail.
      if (reached === 'endOfData' && (failure.error.responseCode ?? 0) < 400) {
        return unknownOutcome('SMTP_OUTCOME_UNKNOWN');
      }
      return judgeRefused(failure.error, plan, secretForms);
    case 'aborted':
    case 'dropped':
      return reached === 'endOfData' ? unknownOutcome('SMTP_ABORTED') : { kind: 'withheld' };
    case 'timeout':
      return reached === 'endOfData'
        ? unknownOutcome('SMTP_TIMEOUT')
        : brokenOff(reached, 'SMTP_TIMEOUT', null);
    case 'lost': {
      // A connection that ends with a reply, such as 421 on its own, has not kept the mail (RFC 5321 3.8).
      const reply = parseReply(failure.error.response, secretForms);
      if (reply !== null && (reply.code ?? 0) >= 400) return judgeRefused(failure.error, plan, secretForms);
      const { code } = judgeFailure(stageOf(reached), failure.error);
      return reached === 'endOfData'
        ? unknownOutcome('SMTP_OUTCOME_UNKNOWN')
        : brokenOff(reached, code, reply);
    }
    default: {
      const never: never = failure;
      return never;
    }
  }
}

function judgeRefused(
  error: NodemailerError,
  plan: EnvelopePlan,
  secretForms: readonly string[],
): SendOutcome {
  if (error.rejectedErrors !== undefined) return judgeAllRefused(error.rejectedErrors, plan, secretForms);
  const stage = commandStage(error.command);
  const reply = parseReply(error.response, secretForms);
  if (reply === null) return brokenOff('envelope', 'SMTP_PROTOCOL', null);
  return refusedOutcome({ verdict: judgeReply(stage, reply), stage, reply }, plan.refused);
}

/** What matters most decides when every recipient was refused: the lane's concern before the mail's. */
const gravity: readonly Verdict['kind'][] = [
  'credentials',
  'throttled',
  'unreachable',
  'temporary',
  'permanent',
];

function judgeAllRefused(
  errors: readonly NodemailerError[],
  plan: EnvelopePlan,
  secretForms: readonly string[],
): SendOutcome {
  const { results, judged } = refusals(errors, plan, secretForms);
  const gravest = judged.toSorted(
    (a, b) => gravity.indexOf(a.verdict.kind) - gravity.indexOf(b.verdict.kind),
  )[0];
  if (gravest === undefined) return brokenOff('envelope', 'SMTP_PROTOCOL', null);
  return refusedOutcome(gravest, [...plan.refused, ...results]);
}

function refusals(errors: readonly NodemailerError[], plan: EnvelopePlan, secretForms: readonly string[]) {
  const results: RecipientResult[] = [];
  const judged: Judged[] = [];
  for (const error of errors) {
    const reply = parseReply(error.response, secretForms) ?? noReply;
    const verdict = judgeReply('recipient', reply);
    judged.push({ verdict, stage: 'recipient', reply });
    const kind = verdict.kind === 'permanent' ? 'permanent' : 'temporary';
    for (const address of plan.recipients.get(error.recipient ?? '') ?? []) {
      results.push({ kind, address, code: verdict.code, reply });
    }
  }
  return { results, judged };
}

const noReply: ServerReply = { code: null, enhancedCode: null, text: '' };

function unknownOutcome(code: SmtpFaultCode): SendOutcome {
  return { kind: 'uncertain', fault: { stage: 'answer', scope: 'host', code, reply: null } };
}

/** The connection ended in mid-mail, surely before end-of-data: like a 451 (RFC 5321 3.8). */
function brokenOff(reached: TransferReach, code: SmtpFaultCode, reply: ServerReply | null): SendOutcome {
  const verdict: Verdict = { kind: 'temporary', code, scope: 'host', retryAfterMs: null };
  return refusedOutcome({ verdict, stage: stageOf(reached), reply });
}

export function ofMail(
  kind: 'temporary' | 'permanent',
  code: SmtpFaultCode,
  reply: ServerReply | null,
): Judged {
  return { verdict: { kind, code, scope: 'mail', retryAfterMs: null }, stage: 'content', reply };
}

function stageOf(reached: TransferReach): Stage {
  switch (reached) {
    case 'envelope':
      return 'sender';
    case 'content':
      return 'content';
    case 'endOfData':
      return 'answer';
    default: {
      const never: never = reached;
      return never;
    }
  }
}

function commandStage(command: string | undefined): Stage {
  switch (command ?? '') {
    case 'MAIL FROM':
      return 'sender';
    case 'RCPT TO':
      return 'recipient';
    case 'DATA':
      return 'content';
    default:
      return 'sender';
  }
}

function queueId(reply: ServerReply | null): string | null {
  return (
    /\bqueued as <?(?<id>[\w.@-]+)|\bid=(?<other>[\w.@-]+)/i
      .exec(reply?.text ?? '')
      ?.slice(1)
      .find(Boolean) ?? null
  );
}
