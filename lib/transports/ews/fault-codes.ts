import type { FaultScope, Stage } from '../contract.ts';

/** Mailroom's stable codes of Exchange Web Services; screens, remedies and filters branch on these. */
export const ewsFaultCodes = [
  'EWS_RETIRED',
  'EWS_FORBIDDEN',
  'EWS_ADDRESS_WRONG',
  'EWS_NOT_EWS',
  'EWS_AUTH_REFUSED',
  'EWS_AUTH_METHOD_MISSING',
  'EWS_TOKEN_REFUSED',
  'EWS_ACCOUNT_LOCKED',
  'EWS_ACCOUNT_DISABLED',
  'EWS_PASSWORD_EXPIRED',
  'EWS_ACCESS_DENIED',
  'EWS_IMPERSONATION_DENIED',
  'EWS_MAILBOX_UNKNOWN',
  'EWS_LICENCE_MISSING',
  'EWS_MAILBOX_FULL',
  'EWS_MAILBOX_MOVING',
  'EWS_SEND_AS_DENIED',
  'EWS_QUOTA_EXCEEDED',
  'EWS_SERVER_BUSY',
  'EWS_TOO_MANY_CONNECTIONS',
  'EWS_RECIPIENTS_INVALID',
  'EWS_ADDRESS_INVALID',
  'EWS_TOO_LARGE',
  'EWS_CONTENT_REFUSED',
  'EWS_CONTENT_UNREADABLE',
  'EWS_FOLDER_MISSING',
  'EWS_VERSION_REFUSED',
  'EWS_REQUEST_REFUSED',
  'EWS_TEMPORARY',
  'EWS_PERMANENT',
  'EWS_OUTCOME_UNKNOWN',
  'EWS_ABORTED',
] as const;

export type EwsFaultCode = (typeof ewsFaultCodes)[number];

/** What an answer means for the mail and for the lane. */
export interface EwsVerdict {
  readonly kind: 'temporary' | 'permanent' | 'throttled' | 'credentials' | 'unreachable' | 'uncertain';
  readonly code: EwsFaultCode;
  readonly scope: FaultScope;
  readonly stage: Stage;
  /** How long to wait; null leaves it to the lane. Only where `kind` is throttled. */
  readonly retryAfterMs: number | null;
}
