import type { FaultScope, Stage } from '../contract.ts';
import type { SmtpFaultCode, Verdict } from './fault-codes.ts';

/** One line of the table. All conditions given must hold; the basic code's class wins over the enhanced one. */
export interface ReplyRule {
  readonly stages?: readonly Stage[];
  readonly codes?: readonly number[];
  readonly enhanced?: RegExp;
  readonly text?: RegExp;
  readonly means: readonly [kind: Verdict['kind'], code: SmtpFaultCode, scope: FaultScope];
  readonly retryAfterMs?: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Words by which servers say that there was too much, too fast, from this mailbox or machine. */
const rateText =
  /too many (?:connections|concurrent|messages|mails|login|sessions)|rate[ -]?limit|throttl|concurrent connections|thread limit|STOREDRV\.ClientSubmit|(?:sending|message|connection) (?:rate|limit)\b|unusual rate|unexpected volume|slow down/i;

const envelope: readonly Stage[] = ['sender', 'recipient', 'content'];

/** Read from the top; the provider's own words come before the general meaning of a code. */
export const replyRules: readonly ReplyRule[] = [
  // Exchange Online [SMTP Authenticated Submission; Email non-delivery reports; MC786329]
  {
    text: /SubmissionQuotaExceeded|submission quota exceeded/i,
    means: ['throttled', 'SMTP_QUOTA_EXCEEDED', 'mailbox'],
    retryAfterMs: 4 * hourMs,
  },
  {
    enhanced: /^5\.1\.90$/,
    means: ['throttled', 'SMTP_QUOTA_EXCEEDED', 'mailbox'],
    retryAfterMs: 4 * hourMs,
  },
  { enhanced: /^5\.7\.60$/, means: ['permanent', 'SMTP_SEND_AS_DENIED', 'sender'] },
  { text: /SendAsDenied/i, means: ['permanent', 'SMTP_SEND_AS_DENIED', 'sender'] },
  {
    stages: ['sender', 'content'],
    text: /QuotaExceededException/i,
    means: ['credentials', 'SMTP_MAILBOX_FULL', 'mailbox'],
  },
  { enhanced: /^5\.2\.25[1-5]$/, means: ['credentials', 'SMTP_MAILBOX_BLOCKED', 'mailbox'] },
  {
    enhanced: /^5\.7\.139$/,
    text: /for the tenant|security defaults/i,
    means: ['credentials', 'SMTP_BASIC_AUTH_OFF', 'tenant'],
  },
  { enhanced: /^5\.7\.139$/, means: ['credentials', 'SMTP_BASIC_AUTH_OFF', 'mailbox'] },
  { enhanced: /^5\.7\.30$/, means: ['credentials', 'SMTP_BASIC_AUTH_OFF', 'tenant'] },
  { enhanced: /^5\.7\.57$/, means: ['credentials', 'SMTP_NOT_SIGNED_IN', 'mailbox'] },
  {
    enhanced: /^5\.1\.8$/,
    text: /outbound sender|outbound spam/i,
    means: ['credentials', 'SMTP_MAILBOX_BLOCKED', 'mailbox'],
  },
  { enhanced: /^5\.7\.7(?:0\d|[1-4]\d|50)$/, means: ['credentials', 'SMTP_TENANT_BLOCKED', 'tenant'] },
  {
    enhanced: /^4\.7\.(?:5\d\d|6\d\d|8[5-9]\d)$/,
    means: ['throttled', 'SMTP_THROTTLED', 'tenant'],
    retryAfterMs: hourMs,
  },
  { enhanced: /^5\.2\.12[12]$/, means: ['temporary', 'SMTP_RECIPIENT_RATE', 'recipient'] },
  // Gmail [Gmail SMTP errors and codes]
  {
    codes: [550],
    enhanced: /^5\.4\.5$/,
    means: ['throttled', 'SMTP_QUOTA_EXCEEDED', 'mailbox'],
    retryAfterMs: 6 * hourMs,
  },
  { codes: [450], enhanced: /^4\.2\.1$/, means: ['temporary', 'SMTP_RECIPIENT_RATE', 'recipient'] },
  { codes: [534], enhanced: /^5\.7\.9$/, means: ['credentials', 'SMTP_APP_PASSWORD_NEEDED', 'mailbox'] },
  { codes: [534], enhanced: /^5\.7\.14$/, means: ['credentials', 'SMTP_WEB_SIGN_IN_NEEDED', 'mailbox'] },
  // Sign-in [RFC 4954 6]: never about a mail
  { codes: [432], enhanced: /^4\.7\.12$/, means: ['credentials', 'SMTP_PASSWORD_CHANGE_NEEDED', 'mailbox'] },
  {
    codes: [432],
    means: ['throttled', 'SMTP_TOO_MANY_CONNECTIONS', 'mailbox'],
    retryAfterMs: minuteMs,
  },
  {
    stages: ['authenticate'],
    codes: [454],
    means: ['throttled', 'SMTP_AUTH_UNAVAILABLE', 'mailbox'],
    retryAfterMs: 5 * minuteMs,
  },
  { codes: [538], means: ['credentials', 'SMTP_TLS_REQUIRED_FOR_PASSWORD', 'host'] },
  { codes: [530], text: /starttls|tls|encrypt/i, means: ['credentials', 'SMTP_STARTTLS_DEMANDED', 'host'] },
  { codes: [530], means: ['credentials', 'SMTP_NOT_SIGNED_IN', 'mailbox'] },
  { codes: [534], means: ['credentials', 'SMTP_AUTH_MECHANISM_MISSING', 'mailbox'] },
  {
    stages: ['authenticate'],
    codes: [504],
    means: ['credentials', 'SMTP_AUTH_MECHANISM_MISSING', 'mailbox'],
  },
  { codes: [535], means: ['credentials', 'SMTP_AUTH_REFUSED', 'mailbox'] },
  // Postfix counts what a client sends [smtpd_client_message_rate_limit and its neighbours]
  {
    codes: [450],
    text: /too (?:much mail|many (?:recipients|AUTH commands|new TLS sessions)) from\b/i,
    means: ['throttled', 'SMTP_THROTTLED', 'host'],
  },
  // The mailbox that is written to has its own limits
  {
    stages: ['recipient'],
    codes: [451],
    enhanced: /^4\.2\./,
    means: ['temporary', 'SMTP_RECIPIENT_DEFERRED', 'recipient'],
  },
  { enhanced: /^4\.7\.28$/, means: ['throttled', 'SMTP_THROTTLED', 'host'] },
  // Whatever the code of a greeting, too many connections are no server out of reach
  { stages: ['greet'], text: rateText, means: ['throttled', 'SMTP_THROTTLED', 'host'] },
  // Rates in plain words; any other 450 stays one mail's own try, it is greylisting or one recipient's limit
  {
    codes: [421, 451, 454],
    text: rateText,
    means: ['throttled', 'SMTP_THROTTLED', 'host'],
  },
  // At a recipient these may speak of that mailbox
  {
    stages: ['greet', 'authenticate', 'sender', 'content'],
    codes: [452, 453],
    text: rateText,
    means: ['throttled', 'SMTP_THROTTLED', 'host'],
  },
  { stages: ['authenticate'], codes: [421], means: ['unreachable', 'SMTP_SERVER_CLOSING', 'host'] },
  {
    stages: ['authenticate'],
    codes: [422, 450, 451, 452],
    means: ['throttled', 'SMTP_AUTH_UNAVAILABLE', 'mailbox'],
    retryAfterMs: 5 * minuteMs,
  },
  {
    stages: ['authenticate'],
    codes: [500, 501, 502, 503, 550, 552, 553, 554],
    means: ['credentials', 'SMTP_AUTH_REFUSED', 'mailbox'],
  },
  // Before sign-in: about the server, never about a mail
  { stages: ['greet'], codes: [421], means: ['unreachable', 'SMTP_SERVER_CLOSING', 'host'] },
  { stages: ['greet'], means: ['unreachable', 'SMTP_GREETING_REFUSED', 'host'] },
  { stages: ['tls'], means: ['unreachable', 'SMTP_STARTTLS_REFUSED', 'host'] },
  // Anywhere [RFC 5321 3.8]
  { codes: [421], means: ['temporary', 'SMTP_SERVER_CLOSING', 'host'] },
  { codes: [503], means: ['temporary', 'SMTP_PROTOCOL', 'host'] },
  { enhanced: /^5\.6\.7$/, means: ['permanent', 'SMTP_SMTPUTF8_MISSING', 'recipient'] },
  {
    stages: envelope,
    codes: [451, 452],
    enhanced: /^4\.3\.[12]$/,
    means: ['temporary', 'SMTP_SERVER_BUSY', 'host'],
  },
  // Recipients [RFC 5321 4.5.3.1.10]
  {
    stages: ['recipient'],
    enhanced: /^[45]\.2\.2$/,
    codes: [450, 451, 452],
    means: ['temporary', 'SMTP_RECIPIENT_FULL', 'recipient'],
  },
  {
    stages: ['recipient'],
    enhanced: /^[45]\.2\.2$/,
    codes: [550, 552, 554],
    means: ['permanent', 'SMTP_RECIPIENT_FULL', 'recipient'],
  },
  {
    stages: ['recipient'],
    text: /too many recipients/i,
    means: ['temporary', 'SMTP_TOO_MANY_RECIPIENTS', 'recipient'],
  },
  { stages: ['recipient'], codes: [452, 552], means: ['temporary', 'SMTP_TOO_MANY_RECIPIENTS', 'recipient'] },
  {
    stages: ['recipient'],
    codes: [550, 551, 553, 554],
    enhanced: /^5\.1\.[0-36]$/,
    means: ['permanent', 'SMTP_RECIPIENT_UNKNOWN', 'recipient'],
  },
  {
    stages: ['recipient'],
    codes: [550, 553, 554],
    text: /relay/i,
    means: ['permanent', 'SMTP_RELAY_DENIED', 'recipient'],
  },
  {
    stages: ['recipient'],
    codes: [550, 551, 553, 554],
    means: ['permanent', 'SMTP_RECIPIENT_REFUSED', 'recipient'],
  },
  { stages: ['recipient'], codes: [450, 451], means: ['temporary', 'SMTP_RECIPIENT_DEFERRED', 'recipient'] },
  // Size [RFC 1870 6.1]
  {
    stages: ['sender', 'content'],
    enhanced: /^5\.(?:3\.4|2\.3)$/,
    means: ['permanent', 'SMTP_TOO_LARGE', 'mail'],
  },
  { stages: ['sender', 'content'], codes: [552], means: ['permanent', 'SMTP_TOO_LARGE', 'mail'] },
  // Sender and content
  { stages: ['sender'], codes: [550, 551, 553, 554], means: ['permanent', 'SMTP_SENDER_REFUSED', 'sender'] },
  { stages: ['sender'], codes: [450, 451, 452], means: ['temporary', 'SMTP_SENDER_DEFERRED', 'mail'] },
  { stages: ['content'], codes: [550, 554], means: ['permanent', 'SMTP_CONTENT_REFUSED', 'mail'] },
  { stages: ['content'], codes: [450, 451, 452], means: ['temporary', 'SMTP_CONTENT_DEFERRED', 'mail'] },
];
