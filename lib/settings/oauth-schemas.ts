import { z } from 'zod';
import { customCa, hostName, httpsUrl, oneLine, optional } from './schema-parts.ts';

/**
 * How a connection gets its tokens: the authorization server, the app registered there and what it asks for. Pure, for
 * the browser too.
 */

/** Host, with a port where it is not 443. */
const signInHost = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[^:]+(?::\d{1,5})?$/, 'The sign-in host is a host name, such as login.microsoftonline.com.')
  .refine((host) => hostName.safeParse(host.replace(/:\d+$/, '')).success, {
    message: 'The sign-in host is a host name, such as login.microsoftonline.com.',
  });

const tenant = z
  .string()
  .trim()
  .toLowerCase()
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
    'The tenant is the directory (tenant) ID or a domain of the tenant, such as contoso.onmicrosoft.com.',
  );

/** Names that stand for many tenants; an app without a person belongs to exactly one. */
const manyTenants: ReadonlySet<string> = new Set(['common', 'organizations', 'consumers']);

const microsoftServer = z.strictObject({ kind: z.literal('microsoft'), host: signInHost, tenant });
const authorizationServer = z.discriminatedUnion('kind', [
  microsoftServer,
  ...(['google', 'other'] as const).map((kind) =>
    z.strictObject({
      kind: z.literal(kind),
      authorizationUrl: httpsUrl('The authorization URL'),
      tokenUrl: httpsUrl('The token URL'),
    }),
  ),
]);
export type AuthorizationServer = z.infer<typeof authorizationServer>;

/** Typed with commas or spaces, kept and sent with single spaces (PRODUCT 2.8). */
const scope = z
  .string()
  .max(2000, 'The scope has at most 2,000 characters.')
  .regex(/^[\x20-\x7e\t\r\n]*$/, 'A scope has no such characters.')
  .transform((text) => [...new Set(splitScopes(text))].join(' '))
  .pipe(z.string().min(1, 'Give at least one scope.'));

/** The single scopes of a text with commas or spaces. */
export function splitScopes(text: string): string[] {
  return text.split(/[\s,]+/).filter((each) => each !== '');
}

function credential<Secret extends z.ZodType>(secret: Secret) {
  return z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('secret'),
      secret,
      /** The day on which the provider ends it, as it says when it makes one; null: it has no end or nobody typed it. */
      expiresOn: optional(z.iso.date('Give a day as 2027-04-01.')),
    }),
    z.strictObject({
      kind: z.literal('certificate'),
      certificate: customCa('A certificate'),
      privateKey: secret,
    }),
  ]);
}

function oauthShape<Secret extends z.ZodType, Consent extends z.ZodType, Server extends z.ZodType>(
  secret: Secret,
  consent: Consent,
  server: Server,
) {
  return {
    kind: z.literal('oauth'),
    server,
    /** Delegated: a person consents as the mailbox. App-only: the app signs in by itself (client credentials). */
    access: z.enum(['delegated', 'app_only']),
    clientId: oneLine(255, 'Client ID').min(1, 'Client ID is needed.'),
    credential: credential(secret),
    scope,
    /** The account that consents where it is not the mailbox itself: a person with rights on a shared mailbox. */
    signInName: optional(oneLine(320, 'Sign-in name')),
    consent,
  };
}

// TypeScript resolves nothing of a generic object, and the rules also run where another field is at fault.
const ruled = z.object({
  server: z.object({ kind: z.string(), tenant: z.string().optional() }),
  access: z.string(),
  credential: z.object({ kind: z.string() }),
});

/** What holds between the fields of one sign-in. */
function obeyRules(authentication: unknown, context: z.RefinementCtx): void {
  const given = ruled.safeParse(authentication);
  if (!given.success) return;
  const refuse = (path: string[], message: string): void => {
    context.addIssue({ code: 'custom', path, message });
  };
  const { server, access, credential: held } = given.data;
  if (access === 'app_only' && server.kind === 'google') {
    refuse(['access'], 'Google gives a mailbox to an app only with the consent of its owner.');
  }
  if (access === 'app_only' && manyTenants.has(server.tenant ?? '')) {
    refuse(['server', 'tenant'], 'App-only needs the ID or a domain of your own tenant.');
  }
  if (held.kind === 'certificate' && server.kind !== 'microsoft') {
    refuse(['credential', 'kind'], 'A certificate in place of a secret is for Microsoft only.');
  }
}

/** OAuth for SMTP and EWS: any authorization server, and the user name that goes with the token. */
export function oauthAuthentication<Secret extends z.ZodType, Consent extends z.ZodType>(
  secret: Secret,
  consent: Consent,
) {
  return z
    .strictObject({
      ...oauthShape(secret, consent, authorizationServer),
      userName: oneLine(320, 'User name').min(1, 'User name is the address of the mailbox.'),
    })
    .superRefine(obeyRules);
}

/** OAuth for Graph: Microsoft's authorization server only; the mailbox stands beside it. */
export function graphAuthentication<Secret extends z.ZodType, Consent extends z.ZodType>(
  secret: Secret,
  consent: Consent,
) {
  return z.strictObject(oauthShape(secret, consent, microsoftServer)).superRefine(obeyRules);
}
