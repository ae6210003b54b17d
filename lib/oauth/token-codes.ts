import type { Fault, FaultScope } from '#lib/transports/contract.ts';

/** Mailroom's stable codes for what an authorization server refuses; their remedies are in lib/doctor. */
export const oauthFaultCodes = [
  'OAUTH_CONSENT_MISSING',
  'OAUTH_CONSENT_EXPIRED',
  'OAUTH_SESSION_ENDED',
  'OAUTH_CONSENT_REQUIRED',
  'OAUTH_CONSENT_DENIED',
  'OAUTH_ADMIN_CONSENT_REQUIRED',
  'OAUTH_RIGHTS_MISSING',
  'OAUTH_WRONG_ACCOUNT',
  'OAUTH_NO_REFRESH_TOKEN',
  'OAUTH_GRANT_ENDED',
  'OAUTH_GRANT_REVOKED',
  'OAUTH_TOKEN_UNUSED',
  'OAUTH_SIGN_IN_FREQUENCY',
  'OAUTH_INTERACTION_REQUIRED',
  'OAUTH_POLICY_BLOCKS',
  'OAUTH_ACCOUNT_BLOCKED',
  'OAUTH_USER_NOT_ASSIGNED',
  'OAUTH_SECRET_WRONG',
  'OAUTH_SECRET_EXPIRED',
  'OAUTH_CERTIFICATE_WRONG',
  'OAUTH_CLIENT_REFUSED',
  'OAUTH_CLIENT_UNKNOWN',
  'OAUTH_TENANT_UNKNOWN',
  'OAUTH_TENANT_MISMATCH',
  'OAUTH_REDIRECT_MISMATCH',
  'OAUTH_SCOPE_INVALID',
  'OAUTH_RESOURCE_MISSING',
  'OAUTH_CODE_USED',
  'OAUTH_ISSUER_MISMATCH',
  'OAUTH_REFUSED',
  'OAUTH_SERVER_BUSY',
  'OAUTH_UNREACHABLE',
  'OAUTH_ANSWER_INVALID',
] as const;
export type OauthFaultCode = (typeof oauthFaultCodes)[number];

/** Whether a person must act, or the server is asked again by itself. */
export type TokenRefusal =
  | { readonly kind: 'credentials'; readonly fault: Fault }
  | { readonly kind: 'unreachable'; readonly fault: Fault };

/** The error of a token or authorization response (RFC 6749 5.2), as far as it can be read. */
export interface OauthError {
  readonly status: number | null;
  readonly error: string | null;
  readonly description: string | null;
  /** Microsoft's AADSTS numbers, the most telling first. */
  readonly numbers: readonly number[];
}

type Rule = readonly [code: OauthFaultCode, scope: FaultScope, numbers: readonly number[]];

/** Microsoft Entra authentication and authorization error codes. */
const microsoftRules: readonly Rule[] = [
  ['OAUTH_SECRET_WRONG', 'tenant', [7000215]],
  ['OAUTH_SECRET_EXPIRED', 'tenant', [7000222]],
  ['OAUTH_CERTIFICATE_WRONG', 'tenant', [700027]],
  ['OAUTH_CLIENT_REFUSED', 'tenant', [7000218]],
  ['OAUTH_CLIENT_UNKNOWN', 'tenant', [700016, 7000112, 70001]],
  ['OAUTH_TENANT_UNKNOWN', 'tenant', [90002]],
  ['OAUTH_TENANT_MISMATCH', 'tenant', [50194, 9002332, 90130]],
  ['OAUTH_REDIRECT_MISMATCH', 'tenant', [50011]],
  ['OAUTH_ADMIN_CONSENT_REQUIRED', 'tenant', [90094, 90095]],
  ['OAUTH_CONSENT_DENIED', 'mailbox', [65004]],
  ['OAUTH_CONSENT_REQUIRED', 'mailbox', [65001]],
  ['OAUTH_GRANT_REVOKED', 'mailbox', [50173]],
  ['OAUTH_TOKEN_UNUSED', 'mailbox', [700082, 70008]],
  ['OAUTH_SIGN_IN_FREQUENCY', 'mailbox', [70043]],
  ['OAUTH_INTERACTION_REQUIRED', 'mailbox', [50076, 50079, 50072, 50074, 50078]],
  ['OAUTH_POLICY_BLOCKS', 'tenant', [53003, 530032, 53000, 53001, 530035]],
  ['OAUTH_ACCOUNT_BLOCKED', 'mailbox', [50053, 50055, 50057, 50126, 50034]],
  ['OAUTH_USER_NOT_ASSIGNED', 'mailbox', [50105]],
  ['OAUTH_SCOPE_INVALID', 'tenant', [70011, 1002012, 700022]],
  ['OAUTH_RESOURCE_MISSING', 'tenant', [500011, 650057]],
  ['OAUTH_CODE_USED', 'mailbox', [54005]],
  ['OAUTH_SERVER_BUSY', 'host', [90033, 50033, 90006, 90024, 90055, 50196]],
  ['OAUTH_GRANT_ENDED', 'mailbox', [70000, 50089]],
];

/** RFC 6749 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6, and Google's own. */
const standardRules: Readonly<Record<string, readonly [OauthFaultCode, FaultScope]>> = {
  invalid_grant: ['OAUTH_GRANT_ENDED', 'mailbox'],
  invalid_client: ['OAUTH_CLIENT_REFUSED', 'tenant'],
  unauthorized_client: ['OAUTH_CLIENT_UNKNOWN', 'tenant'],
  invalid_scope: ['OAUTH_SCOPE_INVALID', 'tenant'],
  redirect_uri_mismatch: ['OAUTH_REDIRECT_MISMATCH', 'tenant'],
  access_denied: ['OAUTH_CONSENT_DENIED', 'mailbox'],
  consent_required: ['OAUTH_CONSENT_REQUIRED', 'mailbox'],
  interaction_required: ['OAUTH_INTERACTION_REQUIRED', 'mailbox'],
  login_required: ['OAUTH_INTERACTION_REQUIRED', 'mailbox'],
  invalid_rapt: ['OAUTH_SIGN_IN_FREQUENCY', 'mailbox'],
  temporarily_unavailable: ['OAUTH_SERVER_BUSY', 'host'],
  server_error: ['OAUTH_SERVER_BUSY', 'host'],
};

/** What the words of an authorization server mean for the connection. Pure. */
export function judgeOauthError(error: OauthError): TokenRefusal {
  const [code, scope] = meaningOf(error);
  return refusal(code, scope, {
    code: error.status,
    enhancedCode: null,
    text: [error.error, error.description].filter((text) => text !== null && text !== '').join(': '),
  });
}

function meaningOf({ status, error, numbers }: OauthError): readonly [OauthFaultCode, FaultScope] {
  for (const [code, scope, known] of microsoftRules) {
    if (known.some((number) => numbers.includes(number))) return [code, scope];
  }
  const rule = error === null || !Object.hasOwn(standardRules, error) ? undefined : standardRules[error];
  if (rule !== undefined) return rule;
  if (status !== null && (status === 429 || status >= 500)) return ['OAUTH_SERVER_BUSY', 'host'];
  return error === null ? ['OAUTH_ANSWER_INVALID', 'host'] : ['OAUTH_REFUSED', 'mailbox'];
}

const goesOnByItself: ReadonlySet<OauthFaultCode> = new Set([
  'OAUTH_SERVER_BUSY',
  'OAUTH_UNREACHABLE',
  'OAUTH_ANSWER_INVALID',
]);

/** A refusal with one of our codes; whether a person must act follows from the code. */
export function refusal(code: OauthFaultCode, scope: FaultScope, reply: Fault['reply'] = null): TokenRefusal {
  const fault: Fault = { stage: 'token', scope, code, reply };
  return { kind: goesOnByItself.has(code) ? 'unreachable' : 'credentials', fault };
}
