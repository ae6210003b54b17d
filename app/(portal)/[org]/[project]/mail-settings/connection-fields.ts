import type { SecretChange } from '#app/_ui/secret-field.tsx';
import type { ConnectionOf, MailSettingsFields, SecretInput } from '#lib/settings/schemas.ts';
import { authenticationKind, type ConnectionForm, serverKind } from './connection-form.ts';

type Connection = MailSettingsFields['connection'];
type Oauth = Extract<Connection['authentication'], { readonly kind: 'oauth' }>;

/** The connection as the server takes it: the fields of the chosen protocol and authentication, no others. */
export function connectionOf(form: ConnectionForm): Connection {
  const kind = form['connection.kind'];
  switch (kind) {
    case 'smtp':
      return {
        kind,
        protocol: form['connection.protocol'],
        host: form['connection.host'],
        port: numberOf(form['connection.port']),
        alternateHost: form['connection.alternateHost'],
        alternate: alternateOf(form),
        tlsPolicy: form['connection.tlsPolicy'],
        checkCertificate: form['connection.checkCertificate'],
        customCa: form['connection.customCa'],
        maxConnections: numberOf(form['connection.maxConnections']),
        authentication: smtpAuthentication(form),
      };
    case 'ews':
      return {
        kind,
        connectUrl: form['connection.connectUrl'],
        checkCertificate: form['connection.checkCertificate'],
        customCa: form['connection.customCa'],
        maxConnections: numberOf(form['connection.maxConnections']),
        saveToSentItems: form['connection.saveToSentItems'],
        anchorMailbox: form['connection.anchorMailbox'],
        impersonatedMailbox: form['connection.impersonatedMailbox'],
        mailboxAccess: form['connection.mailboxAccess'],
        authentication:
          authenticationKind(form) === 'oauth'
            ? { ...oauthOf(form), userName: form['connection.authentication.userName'] }
            : { ...passwordOf(form), scheme: form['connection.authentication.scheme'] },
      };
    case 'graph':
      return {
        kind,
        endpoint: form['connection.endpoint'],
        mailbox: form['connection.mailbox'],
        customCa: form['connection.customCa'],
        saveToSentItems: form['connection.saveToSentItems'],
        proveOnce: form['connection.proveOnce'],
        requestsCountedBy: form['connection.requestsCountedBy'],
        authentication: { ...oauthOf(form), server: microsoftServer(form) },
      };
    default:
      return kind satisfies never;
  }
}

/** Blank and "as the primary" are null; without an alternate server nothing is its own. */
function alternateOf(form: ConnectionForm): ConnectionOf<MailSettingsFields, 'smtp'>['alternate'] {
  if (form['connection.alternateHost'].trim() === '') return {};
  const returnAfterMinutes = numberOrNull(form['connection.alternate.returnAfterMinutes']);
  if (!form['connection.alternate.own']) return { returnAfterMinutes };
  const tlsPolicy = form['connection.alternate.tlsPolicy'];
  const check = form['connection.alternate.checkCertificate'];
  const kind = form['connection.alternate.authentication.kind'];
  return {
    port: numberOrNull(form['connection.alternate.port']),
    tlsPolicy: tlsPolicy === 'same' ? null : tlsPolicy,
    checkCertificate: check === 'same' ? null : check === 'on',
    authentication:
      kind === 'basic'
        ? {
            kind,
            userName: form['connection.alternate.authentication.userName'],
            password: secretOf(form['connection.alternate.authentication.password']),
          }
        : { kind },
    returnAfterMinutes,
  };
}

function numberOrNull(text: string): number | null {
  return text.trim() === '' ? null : numberOf(text);
}

function smtpAuthentication(
  form: ConnectionForm,
): ConnectionOf<MailSettingsFields, 'smtp'>['authentication'] {
  const kind = form['connection.authentication.kind'];
  switch (kind) {
    case 'none':
      return { kind };
    case 'basic':
      return passwordOf(form);
    case 'oauth':
      return { ...oauthOf(form), userName: form['connection.authentication.userName'] };
    default:
      return kind satisfies never;
  }
}

function passwordOf(form: ConnectionForm) {
  return {
    kind: 'basic',
    userName: form['connection.authentication.userName'],
    password: secretOf(form['connection.authentication.password']),
  } as const;
}

function oauthOf(form: ConnectionForm): Omit<Oauth, 'userName'> {
  return {
    kind: 'oauth',
    server: authorizationServer(form),
    access: form['connection.authentication.access'],
    clientId: form['connection.authentication.clientId'],
    credential:
      form['connection.authentication.credential.kind'] === 'secret'
        ? {
            kind: 'secret',
            secret: secretOf(form['connection.authentication.credential.secret']),
            expiresOn: form['connection.authentication.credential.expiresOn'],
          }
        : {
            kind: 'certificate',
            certificate: form['connection.authentication.credential.certificate'],
            privateKey: secretOf(form['connection.authentication.credential.privateKey']),
          },
    scope: form['connection.authentication.scope'],
    signInName: form['connection.authentication.signInName'],
    consent: { kind: 'keep' },
  };
}

function microsoftServer(form: ConnectionForm) {
  return {
    kind: 'microsoft',
    host: form['connection.authentication.server.host'],
    tenant: form['connection.authentication.server.tenant'],
  } as const;
}

function authorizationServer(form: ConnectionForm): Oauth['server'] {
  const kind = serverKind(form);
  if (kind === 'microsoft') return microsoftServer(form);
  return {
    kind,
    authorizationUrl: form['connection.authentication.server.authorizationUrl'],
    tokenUrl: form['connection.authentication.server.tokenUrl'],
  };
}

/** What the form does with a secret, in the server's words. */
export function secretOf(change: SecretChange): SecretInput {
  switch (change.kind) {
    case 'keep':
    case 'remove':
      return { kind: change.kind };
    case 'replace':
      // Replace without a new value keeps what is stored.
      return change.value === '' ? { kind: 'keep' } : { kind: 'set', value: change.value };
    default:
      return change satisfies never;
  }
}

/** Not a number (null over the wire) where none was typed, so that the server names the field. */
export function numberOf(text: string): number {
  const trimmed = text.trim();
  return trimmed === '' ? Number.NaN : Number(trimmed);
}
