import { generateKeyPairSync } from 'node:crypto';
import { type Configuration, interactionPolicy } from 'oidc-provider';
import type { IssuerMemory } from './memory-adapter.ts';

/** Whose rules an issuer follows. */
export const issuerKinds = ['microsoft', 'google', 'other'] as const;
export type IssuerKind = (typeof issuerKinds)[number];

export interface IssuerClient {
  readonly clientId: string;
  readonly secret: string;
  readonly redirectUris: readonly string[];
  /** PEM of the certificate whose key may sign in instead of the secret. */
  readonly publicJwk?: Readonly<Record<string, unknown>>;
}

export interface IssuerRules {
  readonly kind: IssuerKind;
  readonly tenant: string;
  readonly clients: readonly IssuerClient[];
  /** Accounts that exist; another sign-in name is refused. */
  readonly accounts: readonly string[];
  readonly accessSeconds: number;
  readonly memory: IssuerMemory;
  /** Grants that were asked for with access_type=offline. */
  readonly offlineGrants: ReadonlySet<string>;
}

const scopes = [
  'openid',
  'email',
  'profile',
  'offline_access',
  'Mail.Send',
  'Mail.Send.Shared',
  'Mail.ReadWrite',
  'https://mail.google.com/',
  'https://outlook.office.com/SMTP.Send',
  'https://outlook.office365.com/EWS.AccessAsUser.All',
  'https://outlook.office365.com/.default',
  'https://graph.microsoft.com/.default',
  'smtp',
];

const signingKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });

/** How oidc-provider is set up to behave like the provider of that kind. */
export function issuerConfiguration(rules: IssuerRules): Configuration {
  const { kind, memory } = rules;
  return {
    adapter: (name: string) => memory.adapter(name),
    jwks: { keys: [{ ...signingKey, kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'test' }] },
    clients: rules.clients.map((client) => clientMetadata(client)),
    clientAuthMethods: ['client_secret_post', 'client_secret_basic', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['PS256', 'RS256', 'ES256'] },
    scopes,
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['preferred_username', 'name', 'oid', 'tid'],
    },
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) =>
      rules.accounts.includes(id) ? { accountId: id, claims: () => claimsOf(id, rules) } : undefined,
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => Promise.resolve(token.clientId === client.clientId),
      },
    },
    extraParams: ['access_type', 'client_info', 'x-client-SKU', 'x-client-VER', 'client-request-id'],
    interactions: { policy: policyOf(), url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    // Google gives one only to who asks for offline access; the others by the scope, which their libraries always add.
    issueRefreshToken: (_ctx, client, code) =>
      client.grantTypeAllowed('refresh_token') &&
      (kind !== 'google' || rules.offlineGrants.has(code.grantId ?? '')),
    rotateRefreshToken: kind !== 'google',
    ttl: {
      AccessToken: rules.accessSeconds,
      ClientCredentials: rules.accessSeconds,
      RefreshToken: 90 * 24 * 3600,
      Grant: 90 * 24 * 3600,
      IdToken: 3600,
      Interaction: 3600,
      Session: 3600,
    },
    routes: routesOf(rules),
    cookies: { keys: ['only for tests'] },
    renderError: (ctx, out) => {
      ctx.type = 'text/plain';
      ctx.body = `${out.error}: ${out.error_description ?? ''}`;
    },
  };
}

function clientMetadata(client: IssuerClient): NonNullable<Configuration['clients']>[number] {
  const signsIn =
    client.publicJwk === undefined
      ? { token_endpoint_auth_method: 'client_secret_post' as const }
      : {
          token_endpoint_auth_method: 'private_key_jwt' as const,
          jwks: { keys: [client.publicJwk] },
        };
  return {
    client_id: client.clientId,
    client_secret: client.secret,
    redirect_uris: [...client.redirectUris],
    response_types: client.redirectUris.length === 0 ? [] : ['code'],
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    ...signsIn,
  };
}

// The tenant vouches for preferred_username; the address can be another one.
function claimsOf(id: string, { tenant }: IssuerRules): { sub: string; [claim: string]: unknown } {
  return {
    sub: id,
    email: id,
    email_verified: true,
    preferred_username: id,
    name: id.split('@')[0] ?? id,
    oid: id,
    tid: tenant,
  };
}

function policyOf(): interactionPolicy.Prompt[] {
  const policy = interactionPolicy.base();
  policy.add(new interactionPolicy.Prompt({ name: 'select_account', requestable: true }), 0);
  return [...policy];
}

function routesOf({ kind, tenant }: IssuerRules): NonNullable<Configuration['routes']> {
  if (kind === 'microsoft') {
    return {
      authorization: `/${tenant}/oauth2/v2.0/authorize`,
      token: `/${tenant}/oauth2/v2.0/token`,
      jwks: `/${tenant}/discovery/v2.0/keys`,
    };
  }
  return kind === 'google' ? { authorization: '/o/oauth2/v2/auth', token: '/token' } : {};
}
