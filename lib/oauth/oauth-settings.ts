import { DomainError } from '../errors.ts';
import type { Services } from '../context.ts';
import { consentingAccount } from '../settings/sign-in-rules.ts';
import type { OpenedMailSettings } from '../settings/open-mail-settings.ts';
import type { AuthorizationServer } from '../settings/oauth-schemas.ts';
import { proxyOf } from '../settings/transport-options.ts';
import { createAddressGuard } from '../transports/address-guard.ts';
import type { HttpClientOptions } from '../transports/http/open-connection.ts';

/** How the app proves itself to the authorization server. */
export type ClientCredential =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'certificate'; readonly certificate: string; readonly privateKey: string };

/** What asking for tokens needs of opened settings: secrets in clear, never for a page or a log. */
export interface OauthSettings {
  readonly grantId: string;
  readonly server: AuthorizationServer;
  readonly access: 'delegated' | 'app_only';
  readonly clientId: string;
  readonly credential: ClientCredential;
  readonly scopes: readonly string[];
  /** The account that must be the one that consents. */
  readonly account: string;
  readonly http: HttpClientOptions;
}

/** Token requests are short and wait for nobody. */
const deadlines: HttpClientOptions['deadlines'] = {
  dnsMs: 5_000,
  connectMs: 10_000,
  tlsMs: 10_000,
  idleMs: 1_000,
};

/** Null where these settings sign in without tokens. */
export function oauthSettings(
  opened: OpenedMailSettings,
  service: Services['settings'],
): OauthSettings | null {
  const { connection } = opened.document;
  const { authentication } = connection;
  if (authentication.kind !== 'oauth') return null;
  return {
    grantId: authentication.consent.grantId,
    server: authentication.server,
    access: authentication.access,
    clientId: authentication.clientId,
    credential: openedCredential(opened, authentication.credential),
    scopes: authentication.scope.split(' '),
    account: consentingAccount(opened.document) ?? '',
    http: {
      guard: createAddressGuard(service.allowedAddresses),
      proxy: proxyOf(opened),
      // Tokens are worth as much as passwords: the check that a mail server may be spared is never spared here.
      checkCertificate: true,
      customCa: connection.customCa,
      maxConnectionsPerOrigin: 1,
      deadlines,
    },
  };
}

function openedCredential(
  { clientSecret, privateKey }: OpenedMailSettings,
  saved: { kind: 'secret' } | { kind: 'certificate'; certificate: string },
): ClientCredential {
  if (saved.kind === 'secret' && clientSecret !== null) return { kind: 'secret', secret: clientSecret };
  if (saved.kind === 'certificate' && privateKey !== null) {
    return { kind: 'certificate', certificate: saved.certificate, privateKey };
  }
  // Opening settings has refused this before; asking without it would only lock the app out.
  throw new DomainError('unavailable', 'The credential of the app is not open.');
}
