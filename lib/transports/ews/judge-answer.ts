import type { Fault, SendOutcome, ServerReply } from '../contract.ts';
import { maskUrl } from '../http/dialogue.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import type { HttpAnswer } from '../http/request.ts';
import { maskSecrets } from '../transcript.ts';
import type { EwsFaultCode, EwsVerdict } from './fault-codes.ts';
import { readAnswer, type EwsAnswer } from './read-answer.ts';
import { judgeResponseCode } from './response-codes.ts';
import type { XmlElement } from './xml.ts';

/** What was asked: the same answer says less where nothing could have been changed. */
export interface AskedRequest {
  readonly host: string;
  readonly authentication: 'basic' | 'ntlm' | 'bearer';
  /** Whether the whole request had left: only then can it have had an effect. False for one that reads. */
  readonly mayHaveSent: boolean;
  readonly secretForms: readonly string[];
  readonly nowMs: number;
}

export type JudgedAnswer =
  | {
      readonly kind: 'success';
      readonly body: XmlElement;
      readonly reply: ServerReply;
      readonly detail: string;
    }
  | { readonly kind: 'refused'; readonly verdict: EwsVerdict; readonly reply: ServerReply };

const maxTextLength = 1000;

/** The one place where an answer of EWS is judged: Exchange's own code where there is one, else the HTTP status. */
export function judgeAnswer(answer: HttpAnswer, asked: AskedRequest): JudgedAnswer {
  const read = readAnswer(answer);
  switch (read.kind) {
    case 'success': {
      const detail = read.serverVersion === null ? '' : `Exchange ${read.serverVersion}`;
      return { ...read, reply: replyOf(answer.status, 'NoError', asked), detail };
    }
    case 'refused': {
      const reply = replyOf(answer.status, [read.code, read.text].filter(Boolean).join(': '), asked);
      return { kind: 'refused', verdict: judgeRefusal(read, asked), reply };
    }
    case 'foreign': {
      const reply = replyOf(answer.status, statusText(answer), asked);
      return { kind: 'refused', verdict: judgeStatus(answer, asked), reply };
    }
    default: {
      const never: never = read;
      return never;
    }
  }
}

function judgeRefusal(read: Extract<EwsAnswer, { kind: 'refused' }>, asked: AskedRequest): EwsVerdict {
  const isRead = !asked.mayHaveSent;
  const verdict = judgeResponseCode(read.code, isRead);
  // A warning says that something was left undone, not that nothing was done.
  if (!read.isError && !isRead && verdict.code === 'EWS_PERMANENT')
    return judgeResponseCode('ErrorTimeoutExpired');
  return verdict.kind === 'throttled'
    ? { ...verdict, retryAfterMs: read.backOffMs ?? verdict.retryAfterMs }
    : verdict;
}

function judgeStatus(answer: HttpAnswer, asked: AskedRequest): EwsVerdict {
  const { status } = answer;
  if (status === 401) return judgeUnauthorized(answer, asked);
  if (status === 403) return judgeForbidden(answer, asked);
  if (status === 413 || (status === 404 && /404\.13|content length too large/i.test(textOf(answer)))) {
    return verdictOf('permanent', 'EWS_TOO_LARGE', 'mail', 'content');
  }
  if (status === 456) return verdictOf('credentials', 'EWS_ACCOUNT_LOCKED', 'mailbox', 'authenticate');
  if (status === 429) return throttled(answer, asked);
  if (status === 503) return judgeUnavailable(answer, asked);
  if (status >= 500) return unknown(asked);
  // A page where an answer should be: a sign-in form, a portal, another program. It has sent no mail.
  if (status >= 200 && status < 300) {
    const isPage = /html|json|plain/i.test(answer.headers['content-type'] ?? '');
    return isPage || !asked.mayHaveSent
      ? verdictOf('credentials', 'EWS_NOT_EWS', 'host', 'http')
      : unknown(asked);
  }
  if (status === 400) return verdictOf('temporary', 'EWS_REQUEST_REFUSED', 'mail', 'http');
  return verdictOf('credentials', 'EWS_ADDRESS_WRONG', 'host', 'http');
}

const schemeOf = { basic: /\bbasic\b/i, ntlm: /\bntlm\b/i, bearer: /\bbearer\b/i } as const;

function judgeUnauthorized({ headers }: HttpAnswer, { authentication }: AskedRequest): EwsVerdict {
  const offered = headers['www-authenticate'] ?? '';
  if (offered !== '' && !schemeOf[authentication].test(offered)) {
    return verdictOf('credentials', 'EWS_AUTH_METHOD_MISSING', 'host', 'authenticate');
  }
  const code = authentication === 'bearer' ? 'EWS_TOKEN_REFUSED' : 'EWS_AUTH_REFUSED';
  return verdictOf('credentials', code, 'mailbox', 'authenticate');
}

/** Exchange Online answers 403 where EWS is blocked [reports of the test outages] and where a token lacks a right. */
function judgeForbidden(answer: HttpAnswer, { host }: AskedRequest): EwsVerdict {
  if (/^2000008\b|scope|role/i.test(answer.headers['x-ms-diagnostics'] ?? '')) {
    return verdictOf('credentials', 'EWS_ACCESS_DENIED', 'mailbox', 'authenticate');
  }
  if (isExchangeOnline(host, answer)) return verdictOf('credentials', 'EWS_RETIRED', 'tenant', 'http');
  return verdictOf('credentials', 'EWS_FORBIDDEN', 'host', 'http');
}

const onlineHosts =
  /(?:^|\.)(?:office365\.com|office365\.us|outlook\.com|office\.com|partner\.outlook\.cn)$/i;

function isExchangeOnline(host: string, { headers }: HttpAnswer): boolean {
  if (onlineHosts.test(host)) return true;
  return ['x-calculatedbetarget', 'x-calculatedfetarget'].some((name) =>
    onlineHosts.test(headers[name] ?? ''),
  );
}

/**
 * 503 is how the front end throttles [EWS throttling in Exchange]. It is taken for that where it names a time or came
 * before the request was whole; else a machine in between may have lost an answer.
 */
function judgeUnavailable(answer: HttpAnswer, asked: AskedRequest): EwsVerdict {
  const isSure = !asked.mayHaveSent || answer.headers['retry-after'] !== undefined;
  return isSure ? throttled(answer, asked) : unknown(asked);
}

function throttled({ headers }: HttpAnswer, { nowMs }: AskedRequest): EwsVerdict {
  const busy = verdictOf('throttled', 'EWS_SERVER_BUSY', 'mailbox', 'http');
  return { ...busy, retryAfterMs: retryAfterMs(headers, new Date(nowMs)) };
}

function unknown({ mayHaveSent }: AskedRequest): EwsVerdict {
  return mayHaveSent
    ? verdictOf('uncertain', 'EWS_OUTCOME_UNKNOWN', 'host', 'answer')
    : verdictOf('temporary', 'EWS_TEMPORARY', 'host', 'answer');
}

export function verdictOf(
  kind: EwsVerdict['kind'],
  code: EwsFaultCode,
  scope: EwsVerdict['scope'],
  stage: EwsVerdict['stage'],
): EwsVerdict {
  return { kind, code, scope, stage, retryAfterMs: null };
}

/** What a status without SOAP is shown with: the reason that a server gives beside it, never a page. */
function statusText({ status, headers }: HttpAnswer): string {
  const { location } = headers;
  const reasons = [
    headers['x-ms-diagnostics'],
    headers['www-authenticate'],
    location === undefined ? undefined : `to ${maskUrl(location)}`,
  ];
  return [`HTTP ${status}`, ...reasons.filter((reason) => reason !== undefined)].join('; ');
}

function textOf({ body }: HttpAnswer): string {
  return body.toString('utf8', 0, 16_384);
}

// A reply is kept and shown: Postgres refuses NUL and half a character, and no control character of a server belongs
// into a log or a terminal.
function replyOf(status: number, text: string, { secretForms }: AskedRequest): ServerReply {
  const masked = maskSecrets(text, secretForms).replaceAll(
    /\b(NTLM|Negotiate|Bearer) [\w+/=-]{16,}/g,
    '$1 ***',
  );
  const shown = masked
    .slice(0, maxTextLength)
    .replaceAll(/[^\P{Cc}\n\t]/gu, '\uFFFD')
    .toWellFormed();
  return { code: status, enhancedCode: null, text: shown };
}

export function faultOf({ code, scope, stage }: EwsVerdict, reply: ServerReply | null): Fault {
  return { stage, scope, code, reply };
}

/** The outcome of a mail that a verdict ended. */
export function refusedOutcome(verdict: EwsVerdict, reply: ServerReply | null): SendOutcome {
  const fault = faultOf(verdict, reply);
  const { kind, retryAfterMs } = verdict;
  switch (kind) {
    case 'temporary':
    case 'permanent':
      return { kind, fault, perRecipient: [] };
    case 'throttled':
      return { kind, fault, retryAfterMs };
    case 'credentials':
    case 'unreachable':
    case 'uncertain':
      return { kind, fault };
    default: {
      const never: never = kind;
      return never;
    }
  }
}
