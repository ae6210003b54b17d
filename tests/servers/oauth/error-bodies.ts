import type { IssuerKind } from './issuer-configuration.ts';

/** Faults that the far side can be told to have. */
export const faultNames = [
  'secret_expired',
  'consent_required',
  'grant_revoked',
  'token_unused',
  'busy',
  'not_json',
] as const;
export type IssuerFault = (typeof faultNames)[number];

export interface ErrorAnswer {
  readonly status: number;
  readonly body: string;
}

/** What the token endpoint says instead, where a fault was switched on. */
export function faultAnswer(kind: IssuerKind, fault: IssuerFault): ErrorAnswer {
  switch (fault) {
    case 'secret_expired':
      return microsoftError(401, 'invalid_client', 7000222, 'The provided client secret keys are expired.');
    case 'consent_required':
      return microsoftError(
        400,
        'invalid_grant',
        65001,
        'The user or administrator has not consented to use the application.',
      );
    case 'grant_revoked':
      return kind === 'microsoft'
        ? microsoftError(
            400,
            'invalid_grant',
            50173,
            'The provided grant has expired due to it being revoked.',
          )
        : plainError(400, 'invalid_grant', 'Token has been expired or revoked.');
    case 'token_unused':
      return microsoftError(400, 'invalid_grant', 700082, 'The refresh token has expired due to inactivity.');
    case 'busy':
      return plainError(503, 'temporarily_unavailable', 'Try again later.');
    case 'not_json':
      return { status: 200, body: '<html><body>Sign in to the network</body></html>' };
    default:
      return fault satisfies never;
  }
}

/** The issuer's own refusal in the words of the provider that it stands for. */
export function asProviderError(kind: IssuerKind, status: number, body: unknown): ErrorAnswer | null {
  if (kind !== 'microsoft' || status < 400 || typeof body !== 'object' || body === null) return null;
  const error = 'error' in body && typeof body.error === 'string' ? body.error : 'server_error';
  switch (error) {
    case 'invalid_client':
      return microsoftError(401, error, 7000215, 'Invalid client secret provided.');
    case 'invalid_grant':
      return microsoftError(400, error, 70000, 'The provided grant is invalid or malformed.');
    case 'invalid_scope':
      return microsoftError(400, error, 70011, 'The provided value for scope is not valid.');
    default:
      return null;
  }
}

/** A tenant that is not there, which Microsoft says before anything else. */
export function unknownTenant(tenant: string): ErrorAnswer {
  return microsoftError(400, 'invalid_tenant', 90002, `Tenant '${tenant}' not found.`);
}

function microsoftError(status: number, error: string, number: number, words: string): ErrorAnswer {
  const body = {
    error,
    error_description: `AADSTS${number}: ${words} Trace ID: 0 Correlation ID: 0 Timestamp: 2026-11-21 12:00:00Z`,
    error_codes: [number],
    timestamp: '2026-11-21 12:00:00Z',
    trace_id: '00000000-0000-0000-0000-000000000000',
    correlation_id: '00000000-0000-0000-0000-000000000000',
  };
  return { status, body: JSON.stringify(body) };
}

function plainError(status: number, error: string, description: string): ErrorAnswer {
  return { status, body: JSON.stringify({ error, error_description: description }) };
}
