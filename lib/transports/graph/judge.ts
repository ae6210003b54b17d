import type { Fault, MailChange, SendOutcome, Stage } from '../contract.ts';
import { httpFaultOutcome } from '../http/fault-outcome.ts';
import type { HttpAnswer } from '../http/request.ts';
import { errorNames, replyOf } from './answers.ts';
import { verdictOf, type GraphFaultCode, type GraphVerdict } from './codes.ts';
import type { Asked } from './desk.ts';
import { retryAfterMs } from '../http/retry-after.ts';

/**
 * Whether the request itself sends the mail, or only makes it ready: then nothing has left whatever comes back. An upload
 * goes to another host with a permission of its own, so that a refusal there says nothing of the mailbox.
 */
export type Purpose = 'send' | 'prepare' | 'upload';

/** The outcome of a request that was not answered with yes. */
export function judge(asked: Asked, purpose: Purpose, now: Date): SendOutcome {
  switch (asked.kind) {
    case 'answered':
      return judgeAnswer(asked.answer, purpose, now);
    case 'refused':
      return asked.outcome;
    case 'failed':
      return httpFaultOutcome(purpose === 'send' ? asked : { ...asked, mayHaveArrived: false });
    case 'withheld':
      return asked;
    default: {
      const never: never = asked;
      return never;
    }
  }
}

function judgeAnswer(answer: HttpAnswer, purpose: Purpose, now: Date): SendOutcome {
  const waitMs = retryAfterMs(answer.headers, now);
  const told = verdictOf(answer.status, errorNames(answer), waitMs !== null);
  const verdict = purpose === 'upload' && told.kind === 'credentials' ? uploadFailed : told;
  const fault = faultOf(answer, verdict);
  switch (verdict.kind) {
    case 'temporary':
    case 'permanent':
      return { kind: verdict.kind, fault, perRecipient: [] };
    case 'throttled':
      return { kind: 'throttled', fault, retryAfterMs: waitMs ?? verdict.retryAfterMs ?? null };
    case 'credentials':
      return { kind: 'credentials', fault };
    case 'uncertain':
      return purpose === 'send'
        ? { kind: 'uncertain', fault }
        : { kind: 'temporary', fault, perRecipient: [] };
    default: {
      const never: never = verdict.kind;
      return never;
    }
  }
}

const uploadFailed: GraphVerdict = { kind: 'temporary', code: 'GRAPH_UPLOAD_FAILED', scope: 'mail' };

function faultOf(answer: HttpAnswer, verdict: GraphVerdict): Fault {
  return {
    stage: stageOf(verdict.code),
    scope: verdict.scope,
    code: verdict.code,
    reply: replyOf(answer),
  };
}

function stageOf(code: GraphFaultCode): Stage {
  switch (code) {
    case 'GRAPH_TOKEN_REFUSED':
    case 'GRAPH_SIGN_IN_AGAIN':
      return 'token';
    case 'GRAPH_NOT_GRAPH':
      return 'http';
    case 'GRAPH_SEND_AS_DENIED':
      return 'sender';
    case 'GRAPH_RECIPIENTS_INVALID':
      return 'recipient';
    case 'GRAPH_CONTENT_REFUSED':
    case 'GRAPH_TOO_LARGE':
    case 'GRAPH_UPLOAD_FAILED':
    case 'GRAPH_DRAFT_NOT_ALLOWED':
      return 'content';
    case 'GRAPH_ACCESS_DENIED':
    case 'GRAPH_MAILBOX_NOT_FOUND':
    case 'GRAPH_MAILBOX_FULL':
    case 'GRAPH_REQUEST_REFUSED':
    case 'GRAPH_THROTTLED':
    case 'GRAPH_QUOTA_EXCEEDED':
    case 'GRAPH_SUBMISSION_BLOCKED':
    case 'GRAPH_BUSY':
    case 'GRAPH_SERVER_ERROR':
    case 'GRAPH_UNEXPECTED_ANSWER':
    case 'GRAPH_CONFLICT':
    case 'GRAPH_DRAFT_NOT_SENT':
    case 'GRAPH_DRAFT_GONE':
      return 'answer';
    default: {
      const never: never = code;
      return never;
    }
  }
}

/** A fault that no answer stands behind. */
export function ownFault(code: GraphFaultCode, scope: Fault['scope'], text: string): Fault {
  return { stage: stageOf(code), scope, code, reply: { code: null, enhancedCode: null, text } };
}

/** Graph takes a mail as a whole: who is unknown shows later, as a bounce. */
export function acceptedOutcome(
  envelopeTo: readonly string[],
  answer: HttpAnswer | null,
  facts: { readonly serverId: string | null; readonly changes: readonly MailChange[] },
): SendOutcome {
  const reply = answer === null ? null : replyOf(answer);
  return {
    kind: 'accepted',
    serverId: facts.serverId,
    reply,
    perRecipient: envelopeTo.map((address) => ({ kind: 'accepted', address, reply })),
    ...(facts.changes.length > 0 ? { changes: facts.changes } : {}),
  };
}
