import { inherited } from './alternate-rules.ts';
import { tlsPolicies } from './connection-schemas.ts';
import {
  type Carried,
  type Destination,
  differs,
  ewsOf,
  type FieldRule,
  graphOf,
  smtpOf,
} from './field-rule.ts';
import { certificatesText, onOff } from './field-texts.ts';
import {
  connectionWords,
  protocolWords,
  mailboxAccessWords,
  requestsCountedByWords,
  type SettingsPath,
  tlsPolicyWords,
} from './labels.ts';
import type { AnyMailSettings } from './schemas.ts';

/** Whatever the server is handed, directly or as a token that stands for it. */
const handedToServer: readonly Carried[] = ['password', 'client_secret', 'private_key', 'consent'];
const handedToEither: readonly Carried[] = [...handedToServer, 'alternate_password'];

/** The fields of the server itself, for each protocol. */
export const connectionRules = {
  'connection.kind': {
    value: ({ connection }) => connection.kind,
    text: ({ connection }) => connectionWords[connection.kind],
    destination: { of: handedToEither, moved: differs(({ connection }) => connection.kind) },
  },
  'connection.protocol': {
    value: (settings) => smtpOf(settings)?.protocol ?? null,
    text: (settings) => protocolWords[smtpOf(settings)?.protocol ?? 'smtp'],
    destination: { of: handedToEither, moved: differs((settings) => smtpOf(settings)?.protocol) },
  },
  'connection.host': {
    value: (settings) => smtpOf(settings)?.host ?? null,
    destination: {
      of: handedToServer,
      moved: differs((settings) => smtpOf(settings)?.host.toLowerCase()),
    },
  },
  'connection.port': {
    value: (settings) => smtpOf(settings)?.port ?? null,
    destination: {
      of: handedToEither,
      moved: either(
        differs((settings) => smtpOf(settings)?.port),
        inherited.port,
      ),
    },
  },
  'connection.connectUrl': {
    value: (settings) => ewsOf(settings)?.connectUrl ?? null,
    destination: { of: handedToServer, moved: differs((settings) => ewsOf(settings)?.connectUrl) },
  },
  'connection.endpoint': {
    value: (settings) => graphOf(settings)?.endpoint ?? null,
    destination: { of: handedToServer, moved: differs((settings) => graphOf(settings)?.endpoint) },
  },
  'connection.maxConnections': {
    value: ({ connection }) => (connection.kind === 'graph' ? null : connection.maxConnections),
  },
  'connection.saveToSentItems': {
    value: ({ connection }) => (connection.kind === 'smtp' ? null : connection.saveToSentItems),
    text: ({ connection }) => onOff(connection.kind !== 'smtp' && connection.saveToSentItems),
  },
  'connection.proveOnce': {
    value: (settings) => graphOf(settings)?.proveOnce ?? null,
    text: (settings) => onOff(graphOf(settings)?.proveOnce ?? false),
  },
  'connection.requestsCountedBy': {
    value: (settings) => graphOf(settings)?.requestsCountedBy ?? null,
    text: (settings) => requestsCountedByWords[graphOf(settings)?.requestsCountedBy ?? 'client_and_mailbox'],
  },
  'connection.anchorMailbox': { value: (settings) => ewsOf(settings)?.anchorMailbox ?? null },
  'connection.impersonatedMailbox': { value: (settings) => ewsOf(settings)?.impersonatedMailbox ?? null },
  'connection.mailboxAccess': {
    value: (settings) => ewsOf(settings)?.mailboxAccess ?? null,
    text: (settings) => mailboxAccessWords[ewsOf(settings)?.mailboxAccess ?? 'impersonation'],
  },
  'connection.tlsPolicy': {
    value: (settings) => smtpOf(settings)?.tlsPolicy ?? null,
    text: (settings) => tlsPolicyWords[smtpOf(settings)?.tlsPolicy ?? 'required'],
    destination: {
      of: handedToEither,
      moved: either((before, after) => {
        const [from, to] = [tlsStrength(before), tlsStrength(after)];
        return from !== null && to !== null && to < from;
      }, inherited.tlsPolicy),
    },
  },
  'connection.checkCertificate': {
    value: checksCertificate,
    text: (settings) => onOff(checksCertificate(settings) === true),
    destination: {
      of: handedToEither,
      moved: either(
        (before, after) => checksCertificate(before) === true && checksCertificate(after) === false,
        inherited.checkCertificate,
      ),
    },
  },
  'connection.customCa': {
    value: ({ connection }) => connection.customCa,
    text: ({ connection }) => certificatesText(connection.customCa ?? ''),
    destination: { of: handedToEither, moved: differs(({ connection }) => connection.customCa) },
  },
} as const satisfies Partial<Record<SettingsPath, FieldRule>>;

/** The primary's secrets move with the field itself, the alternate's own where it takes the value over. */
function either(primary: Destination['moved'], alternate: Destination['moved']): Destination['moved'] {
  return (before, after, of) => (of === 'alternate_password' ? alternate : primary)(before, after, of);
}

// Graph is always checked, so there is nothing to choose.
function checksCertificate({ connection }: AnyMailSettings): boolean | null {
  return connection.kind === 'graph' ? null : connection.checkCertificate;
}

// SMTPS is encrypted from the first byte, whatever the policy says about STARTTLS.
function tlsStrength(settings: AnyMailSettings): number | null {
  const smtp = smtpOf(settings);
  if (smtp === null) return null;
  return smtp.protocol === 'smtps' ? tlsPolicies.length : tlsPolicies.indexOf(smtp.tlsPolicy);
}
