import type { SecretChange } from '#app/_ui/secret-field.tsx';
import { microsoftClouds } from '#lib/settings/oauth-presets.ts';
import type {
  ConnectionOf,
  MailSettingsFields,
  MailSettingsView,
  SecretView,
} from '#lib/settings/schemas.ts';

type Connection = MailSettingsFields['connection'];
type View = MailSettingsView['connection'];
type ViewedOauth = Extract<View['authentication'], { readonly kind: 'oauth' }>;

/**
 * The part of the form about the connection. One field for each path, whatever the protocols that have it: what was
 * typed for one is still there when a person switches to another and back.
 */
export interface ConnectionForm {
  'connection.kind': Connection['kind'];
  'connection.protocol': 'smtp' | 'smtps';
  'connection.host': string;
  'connection.port': string;
  'connection.alternateHost': string;
  /** Whether the alternate has values of its own; what was typed for it is kept while it has not. */
  'connection.alternate.own': boolean;
  'connection.alternate.port': string;
  'connection.alternate.tlsPolicy': 'same' | ConnectionOf<MailSettingsFields, 'smtp'>['tlsPolicy'];
  'connection.alternate.checkCertificate': 'same' | 'on' | 'off';
  'connection.alternate.authentication.kind': 'same' | 'none' | 'basic';
  'connection.alternate.authentication.userName': string;
  'connection.alternate.authentication.password': SecretChange;
  'connection.alternate.returnAfterMinutes': string;
  'connection.connectUrl': string;
  'connection.endpoint': string;
  'connection.mailbox': string;
  'connection.maxConnections': string;
  'connection.saveToSentItems': boolean;
  'connection.proveOnce': boolean;
  'connection.requestsCountedBy': 'client_and_mailbox' | 'client';
  'connection.anchorMailbox': string;
  'connection.impersonatedMailbox': string;
  'connection.mailboxAccess': 'impersonation' | 'delegate';
  'connection.tlsPolicy': ConnectionOf<MailSettingsFields, 'smtp'>['tlsPolicy'];
  'connection.checkCertificate': boolean;
  'connection.customCa': string;
  'connection.authentication.kind': 'none' | 'basic' | 'oauth';
  'connection.authentication.scheme': 'basic' | 'ntlm';
  'connection.authentication.userName': string;
  'connection.authentication.password': SecretChange;
  'connection.authentication.signInName': string;
  'connection.authentication.access': 'delegated' | 'app_only';
  'connection.authentication.server.kind': 'microsoft' | 'google' | 'other';
  'connection.authentication.server.host': string;
  'connection.authentication.server.tenant': string;
  'connection.authentication.server.authorizationUrl': string;
  'connection.authentication.server.tokenUrl': string;
  'connection.authentication.clientId': string;
  'connection.authentication.credential.kind': 'secret' | 'certificate';
  'connection.authentication.credential.secret': SecretChange;
  'connection.authentication.credential.expiresOn': string;
  'connection.authentication.credential.certificate': string;
  'connection.authentication.credential.privateKey': SecretChange;
  'connection.authentication.scope': string;
}

const keep: SecretChange = { kind: 'keep' };
const [globalCloud] = microsoftClouds;

export const blankConnection: ConnectionForm = {
  'connection.kind': 'smtp',
  'connection.protocol': 'smtp',
  'connection.host': '',
  'connection.port': '587',
  'connection.alternateHost': '',
  'connection.alternate.own': false,
  'connection.alternate.port': '',
  'connection.alternate.tlsPolicy': 'same',
  'connection.alternate.checkCertificate': 'same',
  'connection.alternate.authentication.kind': 'same',
  'connection.alternate.authentication.userName': '',
  'connection.alternate.authentication.password': keep,
  'connection.alternate.returnAfterMinutes': '',
  'connection.connectUrl': '',
  'connection.endpoint': globalCloud?.graphEndpoint ?? '',
  'connection.mailbox': '',
  'connection.maxConnections': '5',
  'connection.saveToSentItems': true,
  'connection.proveOnce': false,
  'connection.requestsCountedBy': 'client_and_mailbox',
  'connection.anchorMailbox': '',
  'connection.impersonatedMailbox': '',
  'connection.mailboxAccess': 'impersonation',
  'connection.tlsPolicy': 'required',
  'connection.checkCertificate': true,
  'connection.customCa': '',
  'connection.authentication.kind': 'basic',
  'connection.authentication.scheme': 'basic',
  'connection.authentication.userName': '',
  'connection.authentication.password': keep,
  'connection.authentication.signInName': '',
  'connection.authentication.access': 'delegated',
  'connection.authentication.server.kind': 'microsoft',
  'connection.authentication.server.host': globalCloud?.signInHost ?? '',
  'connection.authentication.server.tenant': '',
  'connection.authentication.server.authorizationUrl': '',
  'connection.authentication.server.tokenUrl': '',
  'connection.authentication.clientId': '',
  'connection.authentication.credential.kind': 'secret',
  'connection.authentication.credential.secret': keep,
  'connection.authentication.credential.expiresOn': '',
  'connection.authentication.credential.certificate': '',
  'connection.authentication.credential.privateKey': keep,
  'connection.authentication.scope': '',
};

/** How the form signs in: what the chosen protocol makes of the chosen authentication (PRODUCT 2.2). */
export function authenticationKind(form: ConnectionForm): ConnectionForm['connection.authentication.kind'] {
  if (form['connection.kind'] === 'graph') return 'oauth';
  const kind = form['connection.authentication.kind'];
  return form['connection.kind'] === 'ews' && kind === 'none' ? 'basic' : kind;
}

/** The authorization server's kind that the form speaks to: Graph knows Microsoft's only. */
export function serverKind(form: ConnectionForm): ConnectionForm['connection.authentication.server.kind'] {
  return form['connection.kind'] === 'graph' ? 'microsoft' : form['connection.authentication.server.kind'];
}

/** The saved connection as the form holds it. */
export function connectionFormOf(view: View): Partial<ConnectionForm> {
  const common = {
    'connection.kind': view.kind,
    'connection.customCa': view.customCa ?? '',
    ...authenticationFormOf(view.authentication),
  };
  switch (view.kind) {
    case 'smtp':
      return {
        ...common,
        'connection.protocol': view.protocol,
        'connection.host': view.host,
        'connection.port': String(view.port),
        'connection.alternateHost': view.alternateHost ?? '',
        ...alternateFormOf(view.alternate),
        'connection.maxConnections': String(view.maxConnections),
        'connection.tlsPolicy': view.tlsPolicy,
        'connection.checkCertificate': view.checkCertificate,
      };
    case 'ews':
      return {
        ...common,
        'connection.connectUrl': view.connectUrl,
        'connection.maxConnections': String(view.maxConnections),
        'connection.checkCertificate': view.checkCertificate,
        'connection.saveToSentItems': view.saveToSentItems,
        'connection.anchorMailbox': view.anchorMailbox ?? '',
        'connection.impersonatedMailbox': view.impersonatedMailbox ?? '',
        'connection.mailboxAccess': view.mailboxAccess,
      };
    case 'graph':
      return {
        ...common,
        'connection.endpoint': view.endpoint,
        'connection.mailbox': view.mailbox,
        'connection.saveToSentItems': view.saveToSentItems,
        'connection.proveOnce': view.proveOnce,
        'connection.requestsCountedBy': view.requestsCountedBy,
      };
    default:
      return view satisfies never;
  }
}

function alternateFormOf(
  alternate: ConnectionOf<MailSettingsView, 'smtp'>['alternate'],
): Partial<ConnectionForm> {
  const { port, tlsPolicy, checkCertificate, authentication, returnAfterMinutes } = alternate;
  const isShared =
    port === null && tlsPolicy === null && checkCertificate === null && authentication.kind === 'same';
  return {
    'connection.alternate.own': !isShared,
    'connection.alternate.port': port === null ? '' : String(port),
    'connection.alternate.tlsPolicy': tlsPolicy ?? 'same',
    'connection.alternate.checkCertificate':
      checkCertificate === null ? 'same' : checkCertificate ? 'on' : 'off',
    'connection.alternate.authentication.kind': authentication.kind,
    ...(authentication.kind === 'basic' && {
      'connection.alternate.authentication.userName': authentication.userName,
    }),
    'connection.alternate.returnAfterMinutes': returnAfterMinutes === null ? '' : String(returnAfterMinutes),
  };
}

function authenticationFormOf(authentication: View['authentication']): Partial<ConnectionForm> {
  switch (authentication.kind) {
    case 'none':
      return { 'connection.authentication.kind': 'none' };
    case 'basic':
      return {
        'connection.authentication.kind': 'basic',
        'connection.authentication.userName': authentication.userName,
        ...('scheme' in authentication && { 'connection.authentication.scheme': authentication.scheme }),
      };
    case 'oauth':
      return oauthFormOf(authentication);
    default:
      return authentication satisfies never;
  }
}

function oauthFormOf(oauth: ViewedOauth): Partial<ConnectionForm> {
  const { server, credential } = oauth;
  return {
    'connection.authentication.kind': 'oauth',
    ...('userName' in oauth && { 'connection.authentication.userName': oauth.userName }),
    'connection.authentication.signInName': oauth.signInName ?? '',
    'connection.authentication.access': oauth.access,
    'connection.authentication.server.kind': server.kind,
    ...(server.kind === 'microsoft'
      ? {
          'connection.authentication.server.host': server.host,
          'connection.authentication.server.tenant': server.tenant,
        }
      : {
          'connection.authentication.server.authorizationUrl': server.authorizationUrl,
          'connection.authentication.server.tokenUrl': server.tokenUrl,
        }),
    'connection.authentication.clientId': oauth.clientId,
    'connection.authentication.credential.kind': credential.kind,
    ...(credential.kind === 'secret'
      ? { 'connection.authentication.credential.expiresOn': credential.expiresOn ?? '' }
      : { 'connection.authentication.credential.certificate': credential.certificate }),
    'connection.authentication.scope': oauth.scope,
  };
}

/** The secrets of the connection that are stored, by the form's field; null where there is none. */
export function storedConnectionSecrets(view: View | null): {
  readonly password: SecretView | null;
  readonly alternatePassword: SecretView | null;
  readonly clientSecret: SecretView | null;
  readonly privateKey: SecretView | null;
} {
  const authentication = view?.authentication;
  const credential = authentication?.kind === 'oauth' ? authentication.credential : undefined;
  const alternate = view?.kind === 'smtp' ? view.alternate.authentication : undefined;
  return {
    password: authentication?.kind === 'basic' ? authentication.password : null,
    alternatePassword: alternate?.kind === 'basic' ? alternate.password : null,
    clientSecret: credential?.kind === 'secret' ? credential.secret : null,
    privateKey: credential?.kind === 'certificate' ? credential.privateKey : null,
  };
}
