/** The closed set of reasons for which a verb refuses. The screen and the API branch on these, never on text. */
export const domainErrorCodes = [
  'invalid_input',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'version_conflict',
  'secret_required',
  'sending_active',
  'archived',
  'not_set_up',
  'sender_not_allowed',
  'recipient_not_allowed',
  'too_many_recipients',
  'idempotency_conflict',
  'too_large',
  'too_many',
  'expired',
  'wrong_state',
  'held_again',
  'address_refused',
  'unavailable',
] as const;

export type DomainErrorCode = (typeof domainErrorCodes)[number];

/** One fault of one input field. `field` is a dotted path as the caller wrote it ("to.0", "server.port"). */
export interface FieldIssue {
  readonly field: string;
  readonly message: string;
}

/**
 * A refusal that a person or a caller can act on. Verbs throw it, so that their transaction rolls back; the
 * edges (action wrapper, API route, command line) turn it into a value. Anything else thrown is a bug or lost
 * infrastructure.
 */
export class DomainError extends Error {
  readonly code: DomainErrorCode;
  readonly issues: readonly FieldIssue[];
  readonly data: Readonly<Record<string, unknown>>;

  constructor(
    code: DomainErrorCode,
    message: string,
    details: {
      issues?: readonly FieldIssue[];
      data?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DomainError';
    this.code = code;
    this.issues = details.issues ?? [];
    this.data = details.data ?? {};
  }
}

/** The refusal of one field, the most common shape of `invalid_input`. */
export function invalidField(field: string, message: string): DomainError {
  return new DomainError('invalid_input', message, { issues: [{ field, message }] });
}
