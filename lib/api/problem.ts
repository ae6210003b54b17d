import { type HeldAgain, heldAgain } from '../backlog/refuse-held-again.ts';
import type { DomainErrorCode, FieldIssue } from '../errors.ts';

/** Refusals that only a caller over HTTP can meet. */
export const apiErrorCodes = [
  'invalid_json',
  'method_not_allowed',
  'unsupported_media_type',
  'too_many_requests',
  'unexpected',
] as const;
export type ProblemCode = DomainErrorCode | (typeof apiErrorCodes)[number];

interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** How each refusal answers: one table for the routes, the description and the readable page. */
export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = {
  invalid_json: { status: 400, title: 'The body is not JSON' },
  unauthenticated: { status: 401, title: 'No valid API key' },
  forbidden: { status: 403, title: 'The key may not do this' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'The address does not take this method' },
  conflict: { status: 409, title: 'Conflict' },
  version_conflict: { status: 409, title: 'Changed meanwhile' },
  sending_active: { status: 409, title: 'Mail is being sent' },
  archived: { status: 409, title: 'The project is archived' },
  not_set_up: { status: 409, title: 'The project has no mail settings' },
  idempotency_conflict: { status: 409, title: 'The idempotency key was used for another body' },
  wrong_state: { status: 409, title: 'Not possible in this state' },
  held_again: { status: 409, title: 'Limits would hold them again' },
  expired: { status: 410, title: 'No longer kept' },
  too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not application/json' },
  invalid_input: { status: 422, title: 'Some fields need another value' },
  too_many: { status: 422, title: 'Too many' },
  sender_not_allowed: { status: 422, title: 'The sender is not allowed' },
  recipient_not_allowed: { status: 422, title: 'A recipient is not allowed' },
  too_many_recipients: { status: 422, title: 'More recipients than a mail may have' },
  address_refused: { status: 422, title: 'The address is refused' },
  secret_required: { status: 422, title: 'A secret is needed' },
  too_many_requests: { status: 429, title: 'Too much at a time' },
  unexpected: { status: 500, title: 'Something went wrong on our side' },
  unavailable: { status: 503, title: 'Not available at the moment' },
};

/** A refusal of a call over HTTP, before a verb is reached. */
export class ApiError extends Error {
  readonly code: ProblemCode;

  constructor(code: ProblemCode, message: string) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
  }
}

/** What a problem tells, wherever the refusal came from. */
export interface Refusal {
  readonly code: ProblemCode;
  readonly message: string;
  readonly issues: readonly FieldIssue[];
  readonly data: Readonly<Record<string, unknown>>;
  /** Found again in the log under this word. */
  readonly reference: string | null;
}

/** Problem details (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ProblemCode;
  readonly errors: readonly FieldIssue[];
  readonly limitBytes?: number;
  readonly heldAgain?: HeldAgain;
  readonly reference?: string;
}

export function problemOf(refusal: Refusal, portalUrl: string): Problem {
  const { status, title } = problemKinds[refusal.code];
  const limitBytes = refusal.data['limitBytes'];
  const again = heldAgain.safeParse(refusal.data['heldAgain']);
  return {
    type: `${portalUrl}/reference#${refusal.code}`,
    title,
    status,
    detail: refusal.message,
    code: refusal.code,
    errors: refusal.issues,
    ...(typeof limitBytes === 'number' ? { limitBytes } : {}),
    ...(again.success ? { heldAgain: again.data } : {}),
    ...(refusal.reference === null ? {} : { reference: refusal.reference }),
  };
}

const retryAfterSeconds: Partial<Record<ProblemCode, number>> = { unavailable: 5, too_many_requests: 1 };

export function problemResponse(refusal: Refusal, portalUrl: string): Response {
  const problem = problemOf(refusal, portalUrl);
  const stated = refusal.data['retryAfterSeconds'];
  const wait = typeof stated === 'number' ? stated : retryAfterSeconds[refusal.code];
  return Response.json(problem, {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      ...(refusal.code === 'unauthenticated' ? { 'www-authenticate': 'Bearer realm="Mailroom"' } : {}),
      ...(wait === undefined ? {} : { 'retry-after': String(wait) }),
    },
  });
}
