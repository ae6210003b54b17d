import { certificatesText, listText, minuteText, modeText, onOff, secondsText } from './field-texts.ts';
import {
  connectionWords,
  otherSenderWords,
  protocolWords,
  proxyWords,
  type SettingsPath,
  settingsLabels,
  tlsPolicyWords,
  uncertainWords,
} from './labels.ts';
import { type AnyMailSettings, tlsPolicies } from './schemas.ts';

export const secretPurposes = ['password', 'proxy_password'] as const;
export type SecretPurpose = (typeof secretPurposes)[number];

/** Which saved secrets a field leads somewhere, and whether a change leads them to a place they were not saved for. */
interface Destination {
  readonly of: readonly SecretPurpose[];
  readonly moved: (before: AnyMailSettings, after: AnyMailSettings, of: SecretPurpose) => boolean;
}

interface FieldRule {
  /** The value as JSON compares it; null: the field does not apply or is blank. */
  readonly value: (settings: AnyMailSettings) => unknown;
  /** How a value other than null reads; without it, the value itself. */
  readonly text?: (settings: AnyMailSettings) => string;
  /** The secret that the field holds; its value is never read. */
  readonly secret?: SecretPurpose;
  readonly destination?: Destination;
}

const password: readonly SecretPurpose[] = ['password'];

/**
 * The one table of the settings' fields: what each reads as, which hold secrets and which lead a secret somewhere
 * (PRODUCT 2.18). History, comparison, save bar and the rule on kept secrets all come from it.
 */
const rules: Readonly<Record<SettingsPath, FieldRule>> = {
  'connection.kind': {
    value: ({ connection }) => connection.kind,
    text: ({ connection }) => connectionWords[connection.kind],
  },
  'sender.name': { value: ({ sender }) => blank(sender.name) },
  'sender.address': { value: ({ sender }) => sender.address },
  'sender.replyTo': { value: ({ sender }) => sender.replyTo },
  'connection.protocol': {
    value: ({ connection }) => connection.protocol,
    text: ({ connection }) => protocolWords[connection.protocol],
    destination: { of: password, moved: differs(({ connection }) => connection.protocol) },
  },
  'connection.host': {
    value: ({ connection }) => connection.host,
    destination: { of: password, moved: differs(({ connection }) => connection.host.toLowerCase()) },
  },
  'connection.port': {
    value: ({ connection }) => connection.port,
    destination: { of: password, moved: differs(({ connection }) => connection.port) },
  },
  'connection.alternateHost': {
    value: ({ connection }) => connection.alternateHost,
    destination: {
      of: password,
      // Leaving the alternate out sends the secret nowhere new.
      moved: ({ connection: before }, { connection: after }) =>
        after.alternateHost !== null &&
        after.alternateHost.toLowerCase() !== before.alternateHost?.toLowerCase(),
    },
  },
  'connection.maxConnections': { value: ({ connection }) => connection.maxConnections },
  'connection.tlsPolicy': {
    value: ({ connection }) => connection.tlsPolicy,
    text: ({ connection }) => tlsPolicyWords[connection.tlsPolicy],
    destination: { of: password, moved: (before, after) => tlsStrength(after) < tlsStrength(before) },
  },
  'connection.checkCertificate': {
    value: ({ connection }) => connection.checkCertificate,
    text: ({ connection }) => onOff(connection.checkCertificate),
    destination: {
      of: password,
      moved: (before, after) => before.connection.checkCertificate && !after.connection.checkCertificate,
    },
  },
  'connection.customCa': {
    value: ({ connection }) => connection.customCa,
    text: ({ connection }) => certificatesText(connection.customCa ?? ''),
    destination: { of: password, moved: differs(({ connection }) => connection.customCa) },
  },
  'connection.authentication.kind': {
    value: ({ connection }) => connection.authentication.kind,
    text: ({ connection }) => (connection.authentication.kind === 'none' ? 'No' : 'Yes'),
  },
  'connection.authentication.userName': {
    value: userName,
    destination: { of: password, moved: differs(userName) },
  },
  'connection.authentication.password': {
    value: ({ connection }) =>
      connection.authentication.kind === 'none' ? null : connection.authentication.password,
    secret: 'password',
  },
  'proxy.use': {
    value: ({ proxy }) => proxy.use,
    text: ({ proxy }) => onOff(proxy.use),
    destination: { of: password, moved: differs((settings) => proxyInUse(settings) === null) },
  },
  'proxy.server.kind': {
    value: ({ proxy }) => proxy.server?.kind ?? null,
    text: ({ proxy }) => (proxy.server === null ? '' : proxyWords[proxy.server.kind]),
    destination: { of: secretPurposes, moved: proxyDiffers(({ kind }) => kind) },
  },
  'proxy.server.host': {
    value: ({ proxy }) => proxy.server?.host ?? null,
    destination: { of: secretPurposes, moved: proxyDiffers(({ host }) => host.toLowerCase()) },
  },
  'proxy.server.port': {
    value: ({ proxy }) => proxy.server?.port ?? null,
    destination: { of: secretPurposes, moved: proxyDiffers(({ port }) => port) },
  },
  'proxy.server.userName': {
    value: ({ proxy }) => proxy.server?.userName ?? null,
    destination: { of: ['proxy_password'], moved: proxyDiffers(({ userName }) => userName) },
  },
  'proxy.server.password': {
    value: ({ proxy }) => proxy.server?.password ?? null,
    secret: 'proxy_password',
  },
  'proxy.server.noProxy': {
    value: ({ proxy }) => (proxy.server === null ? null : proxy.server.noProxy),
    text: ({ proxy }) => listText(proxy.server?.noProxy ?? []),
    destination: { of: password, moved: proxyDiffers(({ noProxy }) => JSON.stringify(noProxy)) },
  },
  'debug.until': {
    value: ({ debug }) => debug.until ?? 'off',
    text: ({ debug }) => (debug.until === null ? 'Off' : `On until ${minuteText(debug.until)}`),
  },
  'sending.mode': { value: ({ sending }) => sending.mode, text: ({ sending }) => modeText(sending.mode) },
  'sending.allowedSenders': {
    value: ({ sending }) => sending.allowedSenders,
    text: ({ sending }) => listText(sending.allowedSenders),
  },
  'sending.otherSenders': {
    value: ({ sending }) => sending.otherSenders,
    text: ({ sending }) => otherSenderWords[sending.otherSenders],
  },
  'sending.uncertain': {
    value: ({ sending }) => sending.uncertain,
    text: ({ sending }) => uncertainWords[sending.uncertain],
  },
  'sending.retry.firstWaitSeconds': {
    value: ({ sending }) => sending.retry.firstWaitSeconds,
    text: ({ sending }) => secondsText(sending.retry.firstWaitSeconds),
  },
  'sending.retry.factor': {
    value: ({ sending }) => sending.retry.factor,
    text: ({ sending }) => `× ${sending.retry.factor}`,
  },
  'sending.retry.maxWaitSeconds': {
    value: ({ sending }) => sending.retry.maxWaitSeconds,
    text: ({ sending }) => secondsText(sending.retry.maxWaitSeconds),
  },
  'sending.retry.jitterPercent': {
    value: ({ sending }) => sending.retry.jitterPercent,
    text: ({ sending }) => `${sending.retry.jitterPercent}%`,
  },
  'sending.retry.giveUpAfterHours': {
    value: ({ sending }) => sending.retry.giveUpAfterHours,
    text: ({ sending }) => `${sending.retry.giveUpAfterHours} h`,
  },
};

export const settingsPaths = Object.keys(settingsLabels).filter(isSettingsPath);

export function isSettingsPath(path: string): path is SettingsPath {
  return Object.hasOwn(settingsLabels, path);
}

/** The secret that the field holds, or null. */
export function secretOf(path: SettingsPath): SecretPurpose | null {
  return rules[path].secret ?? null;
}

/** Where a secret stands in the settings. */
export const secretPaths = {
  password: 'connection.authentication.password',
  proxy_password: 'proxy.server.password',
} as const satisfies Record<SecretPurpose, SettingsPath>;

/** How the field reads; null where it is blank, does not apply or holds a secret. */
export function fieldText(path: SettingsPath, settings: AnyMailSettings): string | null {
  const rule = rules[path];
  const value = rule.value(settings);
  if (value === null || rule.secret !== undefined) return null;
  if (rule.text !== undefined) return rule.text(settings);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Whether the field, secrets left out, has another value in the two. */
export function fieldDiffers(path: SettingsPath, before: AnyMailSettings, after: AnyMailSettings): boolean {
  const { value, secret } = rules[path];
  return secret === undefined && JSON.stringify(value(before)) !== JSON.stringify(value(after));
}

/** The fields whose change would take the saved secret to a place that it was not saved for (PRODUCT 2.18). */
export function movedDestinations(
  purpose: SecretPurpose,
  before: AnyMailSettings,
  after: AnyMailSettings,
): SettingsPath[] {
  return settingsPaths.filter((path) => {
    const { destination } = rules[path];
    return destination?.of.includes(purpose) === true && destination.moved(before, after, purpose);
  });
}

function differs(read: (settings: AnyMailSettings) => unknown): Destination['moved'] {
  return (before, after) => read(before) !== read(after);
}

type ProxyServer = NonNullable<AnyMailSettings['proxy']['server']>;

function proxyInUse({ proxy }: AnyMailSettings): ProxyServer | null {
  return proxy.use ? proxy.server : null;
}

// A proxy that is switched off leads the server's password nowhere, but its own password stays its own.
function proxyDiffers(read: (server: ProxyServer) => unknown): Destination['moved'] {
  return (before, after, of) => {
    const from = of === 'password' ? proxyInUse(before) : before.proxy.server;
    const to = of === 'password' ? proxyInUse(after) : after.proxy.server;
    return from !== null && to !== null && read(from) !== read(to);
  };
}

function userName({ connection }: AnyMailSettings): string | null {
  return connection.authentication.kind === 'none' ? null : connection.authentication.userName;
}

// SMTPS is encrypted from the first byte, whatever the policy says about STARTTLS.
function tlsStrength({ connection }: AnyMailSettings): number {
  return connection.protocol === 'smtps' ? tlsPolicies.length : tlsPolicies.indexOf(connection.tlsPolicy);
}

function blank(text: string): string | null {
  return text === '' ? null : text;
}
