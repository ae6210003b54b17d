import type { FaultScope } from '../contract.ts';

/** What Microsoft Graph answers, in Mailroom's stable codes. */
export type GraphFaultCode =
  | 'GRAPH_TOKEN_REFUSED'
  | 'GRAPH_SIGN_IN_AGAIN'
  | 'GRAPH_ACCESS_DENIED'
  | 'GRAPH_SEND_AS_DENIED'
  | 'GRAPH_MAILBOX_NOT_FOUND'
  | 'GRAPH_MAILBOX_FULL'
  | 'GRAPH_NOT_GRAPH'
  | 'GRAPH_RECIPIENTS_INVALID'
  | 'GRAPH_CONTENT_REFUSED'
  | 'GRAPH_REQUEST_REFUSED'
  | 'GRAPH_TOO_LARGE'
  | 'GRAPH_THROTTLED'
  | 'GRAPH_QUOTA_EXCEEDED'
  | 'GRAPH_SUBMISSION_BLOCKED'
  | 'GRAPH_BUSY'
  | 'GRAPH_SERVER_ERROR'
  | 'GRAPH_UNEXPECTED_ANSWER'
  | 'GRAPH_CONFLICT'
  /** An attachment did not reach its draft; nothing was sent. */
  | 'GRAPH_UPLOAD_FAILED'
  /** The draft is still there after a doubtful answer: it was not sent. */
  | 'GRAPH_DRAFT_NOT_SENT'
  /** The draft is gone and no sent copy is found: whether it was sent cannot be told. */
  | 'GRAPH_DRAFT_GONE'
  /** A mail over one request's size needs a draft, and the consent does not include making one. */
  | 'GRAPH_DRAFT_NOT_ALLOWED';

/** What an answer means for the mail that was to be sent by it. */
export interface GraphVerdict {
  readonly kind: 'temporary' | 'permanent' | 'throttled' | 'credentials' | 'uncertain';
  readonly code: GraphFaultCode;
  readonly scope: FaultScope;
  /** How long to wait where the answer itself names no time. */
  readonly retryAfterMs?: number;
}

const hourMs = 3_600_000;

const tokenRefused: GraphVerdict = { kind: 'credentials', code: 'GRAPH_TOKEN_REFUSED', scope: 'mailbox' };
const signInAgain: GraphVerdict = { kind: 'credentials', code: 'GRAPH_SIGN_IN_AGAIN', scope: 'mailbox' };
const accessDenied: GraphVerdict = { kind: 'credentials', code: 'GRAPH_ACCESS_DENIED', scope: 'mailbox' };
const sendAsDenied: GraphVerdict = { kind: 'permanent', code: 'GRAPH_SEND_AS_DENIED', scope: 'sender' };
const noMailbox: GraphVerdict = { kind: 'credentials', code: 'GRAPH_MAILBOX_NOT_FOUND', scope: 'mailbox' };
const mailboxFull: GraphVerdict = { kind: 'credentials', code: 'GRAPH_MAILBOX_FULL', scope: 'mailbox' };
const notGraph: GraphVerdict = { kind: 'credentials', code: 'GRAPH_NOT_GRAPH', scope: 'host' };
const badRecipients: GraphVerdict = { kind: 'permanent', code: 'GRAPH_RECIPIENTS_INVALID', scope: 'mail' };
const badContent: GraphVerdict = { kind: 'permanent', code: 'GRAPH_CONTENT_REFUSED', scope: 'mail' };
const badRequest: GraphVerdict = { kind: 'permanent', code: 'GRAPH_REQUEST_REFUSED', scope: 'mail' };
const tooLarge: GraphVerdict = { kind: 'permanent', code: 'GRAPH_TOO_LARGE', scope: 'mail' };
const throttled: GraphVerdict = { kind: 'throttled', code: 'GRAPH_THROTTLED', scope: 'mailbox' };
const busy: GraphVerdict = { kind: 'throttled', code: 'GRAPH_BUSY', scope: 'host' };
const conflict: GraphVerdict = { kind: 'temporary', code: 'GRAPH_CONFLICT', scope: 'mail' };
const quotaExceeded: GraphVerdict = {
  kind: 'throttled',
  code: 'GRAPH_QUOTA_EXCEEDED',
  scope: 'mailbox',
  retryAfterMs: 4 * hourMs,
};
const submissionBlocked: GraphVerdict = {
  kind: 'throttled',
  code: 'GRAPH_SUBMISSION_BLOCKED',
  scope: 'mailbox',
  retryAfterMs: 4 * hourMs,
};

/** Names of Microsoft's errors in lower case, the most telling known one of an answer decides. */
const byName: ReadonlyMap<string, GraphVerdict> = new Map(
  Object.entries({
    invalidauthenticationtoken: tokenRefused,
    unauthenticated: tokenRefused,
    compacttoken: tokenRefused,
    insufficient_claims: signInAgain,
    interaction_required: signInAgain,
    erroraccessdenied: accessDenied,
    accessdenied: accessDenied,
    authorization_requestdenied: accessDenied,
    authorization_identitynotfound: accessDenied,
    errorsendasdenied: sendAsDenied,
    mailboxnotenabledforrestapi: noMailbox,
    mailboxnotfound: noMailbox,
    errorinvaliduser: noMailbox,
    errornonexistentmailbox: noMailbox,
    errornonexistentmailboxguid: noMailbox,
    errormailboxnotfound: noMailbox,
    request_resourcenotfound: noMailbox,
    resourcenotfound: noMailbox,
    erroritemnotfound: conflict,
    errorquotaexceeded: mailboxFull,
    errormailboxfull: mailboxFull,
    errorinvalidrecipients: badRecipients,
    errormimecontentinvalid: badContent,
    errormimecontentinvalidbase64string: badContent,
    errormimecontentconversionfailed: badContent,
    invalidinternetmessageheader: badContent,
    errorinvalidinternetheadername: badContent,
    errorcontentconversionfailed: badContent,
    errormessagesizeexceeded: tooLarge,
    errorattachmentsizelimitexceeded: tooLarge,
    errorrequestentitytoolarge: tooLarge,
    requestentitytoolarge: tooLarge,
    applicationthrottled: throttled,
    mailboxconcurrency: throttled,
    toomanyrequests: throttled,
    errorthrottled: throttled,
    activitylimitreached: throttled,
    errorexceededmessagelimit: quotaExceeded,
    errorsubmissionquotaexceeded: quotaExceeded,
    errormessagesubmissionblocked: submissionBlocked,
  }),
);

/** What an answer by its names, its status and whether it named a time to wait means. Never looks at its words. */
export function verdictOf(status: number, names: readonly string[], namesTime: boolean): GraphVerdict {
  const named = names.map((name) => byName.get(name.toLowerCase())).find((known) => known !== undefined);
  const isThrottle = named?.kind === 'throttled';
  if (status === 429) return isThrottle ? named : throttled;
  if (status === 507) return mailboxFull;
  if (status === 408 || status >= 500) return verdictOfFailure(status, namesTime, isThrottle ? named : null);
  if (status === 401) return named?.kind === 'credentials' ? named : tokenRefused;
  if (named !== undefined) return named;
  switch (status) {
    case 400:
    case 422:
      return badRequest;
    case 403:
      return accessDenied;
    case 404:
    case 405:
      return notGraph;
    case 409:
    case 412:
    case 423:
    case 425:
      return conflict;
    case 413:
      return tooLarge;
    default:
      return status >= 400 ? badRequest : unexpected(status);
  }
}

/** A 503 that names a time is a refusal at the door; anything else of this kind may have sent the mail. */
function verdictOfFailure(status: number, namesTime: boolean, named: GraphVerdict | null): GraphVerdict {
  if (status === 503 && namesTime) return named ?? busy;
  return { kind: 'uncertain', code: 'GRAPH_SERVER_ERROR', scope: 'host' };
}

/** A redirect leads away from Graph; any other answer that is no refusal might be a yes. */
function unexpected(status: number): GraphVerdict {
  if (status >= 300) return notGraph;
  return { kind: 'uncertain', code: 'GRAPH_UNEXPECTED_ANSWER', scope: 'host' };
}
