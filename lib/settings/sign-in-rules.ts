import { type Carried, differs, type FieldRule, graphOf, oauthOf, userNameOf } from './field-rule.ts';
import { certificatesText } from './field-texts.ts';
import {
  accessWords,
  authenticationWords,
  authorizationServerWords,
  credentialWords,
  schemeWords,
  type SettingsPath,
} from './labels.ts';
import type { AnyMailSettings } from './schemas.ts';

/** What the authorization server is handed or has given. */
const handedToAuthorization: readonly Carried[] = ['client_secret', 'private_key', 'consent'];
const consent: readonly Carried[] = ['consent'];

/** The fields of the sign-in: password, or tokens from an authorization server. */
export const signInRules = {
  'connection.authentication.kind': {
    value: ({ connection }) => (connection.kind === 'graph' ? null : connection.authentication.kind),
    text: ({ connection }) => authenticationWords[connection.authentication.kind],
  },
  'connection.authentication.scheme': {
    value: schemeOf,
    text: (settings) => schemeWords[schemeOf(settings) ?? 'basic'],
  },
  'connection.mailbox': {
    value: (settings) => graphOf(settings)?.mailbox ?? null,
    destination: {
      of: consent,
      moved: (before, after, of) => movesAccount(before, after, of, (settings) => graphOf(settings)?.mailbox),
    },
  },
  'connection.authentication.userName': {
    value: userNameOf,
    destination: {
      of: ['password', 'consent'],
      moved: (before, after, of) => movesAccount(before, after, of, (settings) => userNameOf(settings)),
    },
  },
  'connection.authentication.password': {
    value: ({ connection }) =>
      connection.authentication.kind === 'basic' ? connection.authentication.password : null,
    secret: 'password',
  },
  'connection.authentication.signInName': {
    value: (settings) => oauthOf(settings)?.signInName ?? null,
    destination: {
      of: consent,
      moved: (before, after, of) =>
        movesAccount(before, after, of, (settings) => oauthOf(settings)?.signInName ?? null),
    },
  },
  'connection.authentication.access': {
    value: (settings) => oauthOf(settings)?.access ?? null,
    text: (settings) => accessWords[oauthOf(settings)?.access ?? 'delegated'],
    destination: { of: consent, moved: differs((settings) => oauthOf(settings)?.access) },
  },
  'connection.authentication.server.kind': {
    value: (settings) => oauthOf(settings)?.server.kind ?? null,
    text: (settings) => authorizationServerWords[oauthOf(settings)?.server.kind ?? 'other'],
    destination: { of: handedToAuthorization, moved: differs((settings) => oauthOf(settings)?.server.kind) },
  },
  'connection.authentication.server.host': {
    value: (settings) => microsoftOf(settings)?.host ?? null,
    destination: {
      of: handedToAuthorization,
      moved: differs((settings) => microsoftOf(settings)?.host.toLowerCase()),
    },
  },
  'connection.authentication.server.tenant': {
    value: (settings) => microsoftOf(settings)?.tenant ?? null,
    destination: {
      of: handedToAuthorization,
      moved: differs((settings) => microsoftOf(settings)?.tenant.toLowerCase()),
    },
  },
  'connection.authentication.server.authorizationUrl': {
    value: (settings) => addressesOf(settings)?.authorizationUrl ?? null,
    destination: {
      of: handedToAuthorization,
      moved: differs((settings) => addressesOf(settings)?.authorizationUrl),
    },
  },
  'connection.authentication.server.tokenUrl': {
    value: (settings) => addressesOf(settings)?.tokenUrl ?? null,
    destination: {
      of: handedToAuthorization,
      moved: differs((settings) => addressesOf(settings)?.tokenUrl),
    },
  },
  'connection.authentication.clientId': {
    value: (settings) => oauthOf(settings)?.clientId ?? null,
    destination: { of: handedToAuthorization, moved: differs((settings) => oauthOf(settings)?.clientId) },
  },
  'connection.authentication.credential.kind': {
    value: (settings) => oauthOf(settings)?.credential.kind ?? null,
    text: (settings) => credentialWords[oauthOf(settings)?.credential.kind ?? 'secret'],
  },
  'connection.authentication.credential.secret': {
    value: (settings) => {
      const credential = oauthOf(settings)?.credential;
      return credential?.kind === 'secret' ? credential.secret : null;
    },
    secret: 'client_secret',
  },
  'connection.authentication.credential.expiresOn': {
    value: (settings) => {
      const credential = oauthOf(settings)?.credential;
      return credential?.kind === 'secret' ? credential.expiresOn : null;
    },
  },
  'connection.authentication.credential.certificate': {
    value: (settings) => certificateOf(settings) ?? null,
    text: (settings) => certificatesText(certificateOf(settings) ?? ''),
    // A key belongs to one certificate.
    destination: { of: ['private_key'], moved: differs(certificateOf) },
  },
  'connection.authentication.credential.privateKey': {
    value: (settings) => {
      const credential = oauthOf(settings)?.credential;
      return credential?.kind === 'certificate' ? credential.privateKey : null;
    },
    secret: 'private_key',
  },
  'connection.authentication.scope': {
    value: (settings) => oauthOf(settings)?.scope ?? null,
    destination: { of: consent, moved: differs((settings) => oauthOf(settings)?.scope) },
  },
} as const satisfies Partial<Record<SettingsPath, FieldRule>>;

/** The account that consents: the mailbox itself, or the person who has rights on it. Null without OAuth. */
export function consentingAccount(settings: AnyMailSettings): string | null {
  const oauth = oauthOf(settings);
  if (oauth === null) return null;
  if (oauth.signInName !== null && oauth.signInName !== '') return oauth.signInName;
  return graphOf(settings)?.mailbox ?? userNameOf(settings);
}

// A password goes with its user name; a consent goes with the account, whichever of the fields names it.
function movesAccount(
  before: AnyMailSettings,
  after: AnyMailSettings,
  of: Carried,
  read: (settings: AnyMailSettings) => string | null | undefined,
): boolean {
  if (!differs(read)(before, after, of)) return false;
  if (of !== 'consent') return true;
  return consentingAccount(before)?.toLowerCase() !== consentingAccount(after)?.toLowerCase();
}

function schemeOf({ connection }: AnyMailSettings): 'basic' | 'ntlm' | null {
  const { authentication } = connection;
  return 'scheme' in authentication ? authentication.scheme : null;
}

function microsoftOf(settings: AnyMailSettings): { host: string; tenant: string } | undefined {
  const server = oauthOf(settings)?.server;
  return server?.kind === 'microsoft' ? server : undefined;
}

function addressesOf(settings: AnyMailSettings): { authorizationUrl: string; tokenUrl: string } | undefined {
  const server = oauthOf(settings)?.server;
  return server === undefined || server.kind === 'microsoft' ? undefined : server;
}

function certificateOf(settings: AnyMailSettings): string | undefined {
  const credential = oauthOf(settings)?.credential;
  return credential?.kind === 'certificate' ? credential.certificate : undefined;
}
