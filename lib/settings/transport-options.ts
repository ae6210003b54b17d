import type { Services } from '../context.ts';
import { createAddressGuard } from '../transports/address-guard.ts';
import type { ProxySettings } from '../transports/connect.ts';
import { defaultSmtpDeadlines, type SmtpTransportOptions } from '../transports/smtp/settings.ts';
import { DomainError } from '../errors.ts';
import type { OpenedMailSettings } from './open-mail-settings.ts';
import type { ConnectionOf, MailSettingsDocument } from './schemas.ts';

// Servers commonly end a session after 100 mails (Postfix and Exchange among them); ending it ourselves is quieter.
const maxMessagesPerConnection = 100;

/**
 * What the SMTP transport needs of opened settings. The alternate shares port, protocol, TLS and credentials with the
 * primary. Throws `not_set_up` when the alternate is asked for and there is none.
 */
export function smtpTransportOptions(
  opened: OpenedMailSettings,
  service: Services['settings'],
  endpoint: 'primary' | 'alternate',
): SmtpTransportOptions {
  const { connection } = opened.document;
  if (connection.kind !== 'smtp') throw new DomainError('unavailable', 'These settings are not SMTP.');
  const host = endpoint === 'primary' ? connection.host : connection.alternateHost;
  if (host === null) throw new DomainError('not_set_up', 'These settings have no alternate server.');
  return {
    endpoint: { host, port: connection.port },
    protocol: connection.protocol,
    tlsPolicy: tlsPolicyOf(connection.tlsPolicy),
    checkCertificate: connection.checkCertificate,
    customCa: connection.customCa,
    authentication: authenticationOf(opened),
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

function authenticationOf({
  document,
  password,
}: OpenedMailSettings): SmtpTransportOptions['authentication'] {
  const { authentication } = document.connection;
  if (authentication.kind !== 'basic') return null;
  // Sending without the password would be sending unauthenticated; opening settings has refused that before.
  if (password === null) throw new DomainError('unavailable', 'The password of these settings is not open.');
  return { userName: authentication.userName, password };
}

export function proxyOf({ document, proxyPassword }: OpenedMailSettings): ProxySettings | null {
  const { use, server } = document.proxy;
  if (!use || server === null) return null;
  const { kind, host, port, userName, noProxy } = server;
  return { kind, host, port, userName, password: proxyPassword, noProxy };
}
