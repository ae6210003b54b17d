import type { FaultScope } from '../contract.ts';

/** Mailroom's stable codes of the SMTP dialogue; screens, remedies and filters branch on these. */
export const smtpFaultCodes = [
  'SMTP_NOT_SMTP',
  'SMTP_GREETING_REFUSED',
  'SMTP_SERVER_CLOSING',
  'SMTP_CONNECTION_LOST',
  'SMTP_TIMEOUT',
  'SMTP_PROTOCOL',
  'SMTP_ABORTED',
  'SMTP_TLS_NAME_MISMATCH',
  'SMTP_TLS_UNTRUSTED',
  'SMTP_TLS_EXPIRED',
  'SMTP_TLS_FAILED',
  'SMTP_TLS_REQUIRED_FOR_PASSWORD',
  'SMTP_STARTTLS_MISSING',
  'SMTP_STARTTLS_REFUSED',
  'SMTP_STARTTLS_DEMANDED',
  'SMTP_AUTH_NOT_OFFERED',
  'SMTP_AUTH_MECHANISM_MISSING',
  'SMTP_AUTH_REFUSED',
  'SMTP_TOKEN_REFUSED',
  'SMTP_TOKEN_MECHANISM_MISSING',
  'SMTP_AUTH_UNAVAILABLE',
  'SMTP_APP_PASSWORD_NEEDED',
  'SMTP_WEB_SIGN_IN_NEEDED',
  'SMTP_PASSWORD_CHANGE_NEEDED',
  'SMTP_BASIC_AUTH_OFF',
  'SMTP_NOT_SIGNED_IN',
  'SMTP_SENDER_REFUSED',
  'SMTP_SENDER_DEFERRED',
  'SMTP_SEND_AS_DENIED',
  'SMTP_MAILBOX_FULL',
  'SMTP_MAILBOX_BLOCKED',
  'SMTP_TENANT_BLOCKED',
  'SMTP_QUOTA_EXCEEDED',
  'SMTP_THROTTLED',
  'SMTP_TOO_MANY_CONNECTIONS',
  'SMTP_TOO_MANY_RECIPIENTS',
  'SMTP_RECIPIENT_REFUSED',
  'SMTP_RECIPIENT_UNKNOWN',
  'SMTP_RECIPIENT_DEFERRED',
  'SMTP_RECIPIENT_FULL',
  'SMTP_RECIPIENT_RATE',
  'SMTP_RELAY_DENIED',
  'SMTP_TOO_LARGE',
  'SMTP_CONTENT_REFUSED',
  'SMTP_CONTENT_DEFERRED',
  'SMTP_CONTENT_UNREADABLE',
  'SMTP_SERVER_BUSY',
  'SMTP_SMTPUTF8_MISSING',
  'SMTP_ADDRESS_INVALID',
  'SMTP_OUTCOME_UNKNOWN',
  'SMTP_TEMPORARY',
  'SMTP_PERMANENT',
] as const;

export type SmtpFaultCode = (typeof smtpFaultCodes)[number];

/** What a reply means for the mail and for the lane. */
export interface Verdict {
  readonly kind: 'temporary' | 'permanent' | 'throttled' | 'credentials' | 'unreachable';
  readonly code: SmtpFaultCode;
  readonly scope: FaultScope;
  /** How long to wait; null leaves it to the lane. Only where `kind` is throttled. */
  readonly retryAfterMs: number | null;
}
