import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { createAddressGuard } from '../transports/address-guard.ts';
import type { TransportOptions } from '../transports/build-transport.ts';
import type { ProxySettings } from '../transports/connect.ts';
import { defaultEwsDeadlines, type EwsTransportOptions } from '../transports/ews/settings.ts';
import { defaultGraphDeadlines, type GraphTransportOptions } from '../transports/graph/settings.ts';
import {
  defaultSmtpDeadlines,
  type SmtpAuthentication,
  type SmtpTransportOptions,
} from '../transports/smtp/settings.ts';
import type { RequestSlots, TokenSource } from '../transports/supplies.ts';
import { splitScopes } from './oauth-schemas.ts';
import type { OpenedMailSettings } from './open-mail-settings.ts';
import type { ConnectionOf, MailSettingsDocument } from './schemas.ts';
import { consentingAccount } from './sign-in-rules.ts';

// Servers commonly end a session after 100 mails (Postfix and Exchange among them); ending it ourselves is quieter.
const maxMessagesPerConnection = 100;

/** What a transport is handed beside its settings; null where these settings need none. */
export interface Supplies {
  readonly tokens: TokenSource | null;
  readonly slots: RequestSlots | null;
}

/** What the transport of the settings' protocol needs of them. Throws as `smtpTransportOptions` does. */
export function transportOptions(
  opened: OpenedMailSettings,
  service: Services['settings'],
  endpoint: 'primary' | 'alternate',
  supplies: Supplies,
): TransportOptions {
  const { connection } = opened.document;
  switch (connection.kind) {
    case 'smtp':
      return smtpTransportOptions(opened, service, endpoint, supplies.tokens);
    case 'ews':
      return ewsTransportOptions(opened, connection, service, supplies.tokens);
    case 'graph':
      return graphTransportOptions(opened, connection, service, supplies);
    default:
      return connection satisfies never;
  }
}

/**
 * What the SMTP transport needs of opened settings. The alternate shares port, protocol, TLS and credentials with the
 * primary but for what it has of its own (PRODUCT 6.4). Throws `not_set_up` when the alternate is asked for and there
 * is none.
 */
export function smtpTransportOptions(
  opened: OpenedMailSettings,
  service: Services['settings'],
  endpoint: 'primary' | 'alternate',
  tokens: TokenSource | null,
): SmtpTransportOptions {
  const { connection } = opened.document;
  if (connection.kind !== 'smtp') throw new DomainError('unavailable', 'These settings are not SMTP.');
  const host = endpoint === 'primary' ? connection.host : connection.alternateHost;
  if (host === null) throw new DomainError('not_set_up', 'These settings have no alternate server.');
  const own = endpoint === 'alternate' ? connection.alternate : null;
  return {
    endpoint: { host, port: own?.port ?? connection.port },
    protocol: connection.protocol,
    tlsPolicy: tlsPolicyOf(own?.tlsPolicy ?? connection.tlsPolicy),
    checkCertificate: own?.checkCertificate ?? connection.checkCertificate,
    customCa: connection.customCa,
    authentication:
      own === null || own.authentication.kind === 'same'
        ? authenticationOf(opened, connection.authentication, tokens)
        : ownAuthenticationOf(opened, own.authentication),
    proxy: proxyOf(opened),
    ehloName: service.ehloName,
    maxConnections: connection.maxConnections,
    maxMessagesPerConnection,
    deadlines: defaultSmtpDeadlines,
    addressGuard: createAddressGuard(service.allowedAddresses),
  };
}

function tlsPolicyOf(
  policy: ConnectionOf<MailSettingsDocument, 'smtp'>['tlsPolicy'],
): SmtpTransportOptions['tlsPolicy'] {
  switch (policy) {
    case 'none':
    case 'required':
      return policy;
    case 'when_offered':
      return 'whenOffered';
    default:
      return policy satisfies never;
  }
}

function authenticationOf(
  { password }: OpenedMailSettings,
  authentication: ConnectionOf<MailSettingsDocument, 'smtp'>['authentication'],
  tokens: TokenSource | null,
): SmtpAuthentication | null {
  switch (authentication.kind) {
    case 'none':
      return null;
    case 'basic':
      return { userName: authentication.userName, password: required(password, 'password') };
    case 'oauth':
      return { userName: authentication.userName, tokens: required(tokens, 'source of tokens') };
    default:
      return authentication satisfies never;
  }
}

function ownAuthenticationOf(
  { alternatePassword }: OpenedMailSettings,
  own: Exclude<
    ConnectionOf<MailSettingsDocument, 'smtp'>['alternate']['authentication'],
    { readonly kind: 'same' }
  >,
): SmtpAuthentication | null {
  if (own.kind === 'none') return null;
  return { userName: own.userName, password: required(alternatePassword, 'password at the alternate') };
}

function ewsTransportOptions(
  opened: OpenedMailSettings,
  connection: ConnectionOf<MailSettingsDocument, 'ews'>,
  service: Services['settings'],
  tokens: TokenSource | null,
): EwsTransportOptions {
  const { authentication, impersonatedMailbox } = connection;
  // An app without a person has no mailbox of its own: it acts for the one that its user name is.
  const isApp = authentication.kind === 'oauth' && authentication.access === 'app_only';
  const address = impersonatedMailbox ?? (isApp ? authentication.userName : null);
  return {
    protocol: 'ews',
    url: connection.connectUrl,
    authentication:
      authentication.kind === 'basic'
        ? {
            kind: authentication.scheme,
            userName: authentication.userName,
            password: required(opened.password, 'password'),
          }
        : { kind: 'bearer', tokens: required(tokens, 'source of tokens') },
    mailbox:
      address === null ? null : { address, access: isApp ? 'impersonation' : connection.mailboxAccess },
    anchorMailbox: connection.anchorMailbox,
    savesCopy: connection.saveToSentItems,
    checkCertificate: connection.checkCertificate,
    customCa: connection.customCa,
    proxy: proxyOf(opened),
    maxConnections: connection.maxConnections,
    deadlines: defaultEwsDeadlines,
    addressGuard: createAddressGuard(service.allowedAddresses),
  };
}

function graphTransportOptions(
  opened: OpenedMailSettings,
  connection: ConnectionOf<MailSettingsDocument, 'graph'>,
  service: Services['settings'],
  { tokens, slots }: Supplies,
): GraphTransportOptions {
  const { authentication, mailbox } = connection;
  const isOwn = consentingAccount(opened.document)?.toLowerCase() === mailbox.toLowerCase();
  return {
    protocol: 'graph',
    endpoint: connection.endpoint,
    mailbox,
    // Whoever consented for a shared mailbox names it in the address, as an app does.
    access: authentication.access === 'delegated' && isOwn ? 'delegated' : 'app_only',
    saveToSentItems: connection.saveToSentItems,
    proveOnce: connection.proveOnce,
    canReadMail: mayReadMail(authentication),
    tokens: required(tokens, 'source of tokens'),
    slots: required(slots, 'turn at the mailbox'),
    proxy: proxyOf(opened),
    checkCertificate: true,
    customCa: connection.customCa,
    deadlines: defaultGraphDeadlines,
    addressGuard: createAddressGuard(service.allowedAddresses),
  };
}

// What an app was granted stands in its registration only; a look-up that is refused is then no look-up.
export function mayReadMail({
  access,
  scope,
}: ConnectionOf<MailSettingsDocument, 'graph'>['authentication']): boolean {
  if (access === 'app_only') return true;
  return splitScopes(scope).some((each) => /(?:^|\/)Mail\.ReadWrite(?:\.Shared)?$/.test(each));
}

// Sending without it would be sending unauthenticated; opening settings has refused that before.
function required<T>(given: T | null, what: string): T {
  if (given === null) throw new DomainError('unavailable', `These settings are open without their ${what}.`);
  return given;
}

export function proxyOf({ document, proxyPassword }: OpenedMailSettings): ProxySettings | null {
  const { use, server } = document.proxy;
  if (!use || server === null) return null;
  const { kind, host, port, userName, noProxy } = server;
  return { kind, host, port, userName, password: proxyPassword, noProxy };
}
