import type { FaultScope, Stage } from '../contract.ts';
import type { EwsFaultCode, EwsVerdict } from './fault-codes.ts';

type Meaning = readonly [
  kind: EwsVerdict['kind'],
  code: EwsFaultCode,
  scope: FaultScope,
  stage: Stage,
  retryAfterMs?: number,
];

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const busy: Meaning = ['throttled', 'EWS_SERVER_BUSY', 'mailbox', 'answer'];
const moving: Meaning = ['throttled', 'EWS_MAILBOX_MOVING', 'mailbox', 'answer', 5 * minuteMs];
const passing: Meaning = ['temporary', 'EWS_TEMPORARY', 'host', 'answer'];
const unknown: Meaning = ['uncertain', 'EWS_OUTCOME_UNKNOWN', 'host', 'answer'];
const denied: Meaning = ['credentials', 'EWS_ACCESS_DENIED', 'mailbox', 'authenticate'];
const impersonation: Meaning = ['credentials', 'EWS_IMPERSONATION_DENIED', 'mailbox', 'authenticate'];
const mailboxUnknown: Meaning = ['credentials', 'EWS_MAILBOX_UNKNOWN', 'mailbox', 'authenticate'];
const disabled: Meaning = ['credentials', 'EWS_ACCOUNT_DISABLED', 'mailbox', 'authenticate'];
const quota: Meaning = ['throttled', 'EWS_QUOTA_EXCEEDED', 'mailbox', 'sender', hourMs];
const sendAs: Meaning = ['permanent', 'EWS_SEND_AS_DENIED', 'sender', 'sender'];
const recipients: Meaning = ['permanent', 'EWS_RECIPIENTS_INVALID', 'mail', 'recipient'];
const tooLarge: Meaning = ['permanent', 'EWS_TOO_LARGE', 'mail', 'content'];
const content: Meaning = ['permanent', 'EWS_CONTENT_REFUSED', 'mail', 'content'];
const version: Meaning = ['credentials', 'EWS_VERSION_REFUSED', 'host', 'http'];
// No mail is given up for a request that we ourselves wrote wrong.
const ours: Meaning = ['temporary', 'EWS_REQUEST_REFUSED', 'mail', 'http'];

/**
 * Exchange's response codes [ResponseCode, web service reference] and what each says about a CreateItem: whether the
 * mail was surely not sent, may have been, and what must stop. A code that is not here says no more than "refused".
 */
const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  // Slower, please [EWS throttling in Exchange]
  ['ErrorServerBusy', busy],
  ['ErrorTooManyObjectsOpened', busy],
  ['ErrorInsufficientResources', busy],
  ['ErrorNotEnoughMemory', ['throttled', 'EWS_SERVER_BUSY', 'host', 'answer']],
  ['ErrorExceededConnectionCount', ['throttled', 'EWS_TOO_MANY_CONNECTIONS', 'mailbox', 'answer']],
  ['ErrorSubmissionQuotaExceeded', quota],
  ['ErrorExceededMessageLimit', quota],
  ['ErrorMessageSubmissionBlocked', quota],
  // The mailbox is elsewhere for some minutes
  ['ErrorMailboxMoveInProgress', moving],
  ['ErrorMailboxFailover', moving],
  // Try again, nothing was sent
  ['ErrorInternalServerTransientError', passing],
  ['ErrorConnectionFailed', passing],
  ['ErrorConnectionFailedTransientError', passing],
  ['ErrorADUnavailable', passing],
  ['ErrorADOperation', passing],
  ['ErrorTokenSerializationDenied', passing],
  // The store may have taken it
  ['ErrorTimeoutExpired', unknown],
  ['ErrorInternalServerError', unknown],
  ['ErrorMailboxStoreUnavailable', unknown],
  ['ErrorBatchProcessingStopped', unknown],
  ['ErrorClientDisconnected', unknown],
  ['ErrorItemSave', unknown],
  ['ErrorItemSavePropertyError', content],
  // Rights
  ['ErrorAccessDenied', denied],
  ['ErrorCreateItemAccessDenied', denied],
  ['ErrorInvalidAuthorizationContext', denied],
  ['ErrorImpersonateUserDenied', impersonation],
  ['ErrorImpersonationDenied', impersonation],
  ['ErrorImpersonationFailed', impersonation],
  ['ErrorUserNotAllowedByPolicy', denied],
  ['ErrorSendAsDenied', sendAs],
  ['ErrorCallerIsInvalidADAccount', disabled],
  ['ErrorAccountDisabled', disabled],
  ['ErrorPasswordExpired', ['credentials', 'EWS_PASSWORD_EXPIRED', 'mailbox', 'authenticate']],
  ['ErrorPasswordChangeRequired', ['credentials', 'EWS_PASSWORD_EXPIRED', 'mailbox', 'authenticate']],
  // The mailbox itself
  ['ErrorNonExistentMailbox', mailboxUnknown],
  ['ErrorNonPrimarySmtpAddress', mailboxUnknown],
  ['ErrorInvalidUserPrincipalName', mailboxUnknown],
  ['ErrorInvalidSmtpAddress', mailboxUnknown],
  ['ErrorMissingEmailAddress', mailboxUnknown],
  ['ErrorMailboxConfiguration', mailboxUnknown],
  ['ErrorInvalidLicense', ['credentials', 'EWS_LICENCE_MISSING', 'mailbox', 'authenticate']],
  ['ErrorQuotaExceeded', ['credentials', 'EWS_MAILBOX_FULL', 'mailbox', 'sender']],
  ['ErrorFolderNotFound', ['credentials', 'EWS_FOLDER_MISSING', 'mailbox', 'answer']],
  ['ErrorManagedFolderNotFound', ['credentials', 'EWS_FOLDER_MISSING', 'mailbox', 'answer']],
  ['ErrorCrossSiteRequest', ['credentials', 'EWS_ADDRESS_WRONG', 'host', 'http']],
  ['ErrorProxyServiceDiscoveryFailed', passing],
  ['ErrorProxyRequestProcessingFailed', unknown],
  ['ErrorProxyCallFailed', unknown],
  // The mail
  ['ErrorInvalidRecipients', recipients],
  ['ErrorMissingRecipients', recipients],
  ['ErrorTooManyRecipients', recipients],
  ['ErrorMessageSizeExceeded', tooLarge],
  ['ErrorDataSizeLimitExceeded', tooLarge],
  ['ErrorAttachmentSizeLimitExceeded', tooLarge],
  ['ErrorMimeContentInvalid', content],
  ['ErrorMimeContentInvalidBase64String', content],
  ['ErrorMimeContentConversionFailed', content],
  ['ErrorContentConversionFailed', content],
  ['ErrorUnsupportedMimeConversion', content],
  ['ErrorCorruptData', content],
  // Our own request, or a server that is too old for it
  ['ErrorSchemaValidation', ours],
  ['ErrorInvalidRequest', ours],
  ['ErrorMessageDispositionRequired', ours],
  ['ErrorInvalidExtendedProperty', ours],
  ['ErrorIncorrectSchemaVersion', version],
  ['ErrorInvalidServerVersion', version],
]);

/** The verdict of a response code; `isRead` where the request changed nothing, so that nothing can be in doubt. */
export function judgeResponseCode(code: string, isRead = false): EwsVerdict {
  const meaning = meanings.get(code) ?? ['permanent', 'EWS_PERMANENT', 'mail', 'answer'];
  const [kind, faultCode, scope, stage, retryAfterMs] =
    isRead && meaning[0] === 'uncertain' ? passing : meaning;
  return { kind, code: faultCode, scope, stage, retryAfterMs: retryAfterMs ?? null };
}
