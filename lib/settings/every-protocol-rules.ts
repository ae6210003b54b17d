import { type Carried, differs, type FieldRule } from './field-rule.ts';
import { listText, minuteText, modeText, onOff, secondsText } from './field-texts.ts';
import { otherSenderWords, proxyWords, type SettingsPath, uncertainWords } from './labels.ts';
import type { AnyMailSettings } from './schemas.ts';

/** Whatever passes through the proxy to a server or its authorization server. */
const throughProxy: readonly Carried[] = [
  'password',
  'alternate_password',
  'client_secret',
  'private_key',
  'consent',
];
const withProxyPassword: readonly Carried[] = [...throughProxy, 'proxy_password'];

/** The fields that every protocol has: sender, proxy, debug and sending (PRODUCT 2.3). */
export const everyProtocolRules = {
  'sender.name': { value: ({ sender }) => blank(sender.name) },
  'sender.address': { value: ({ sender }) => sender.address },
  'sender.replyTo': { value: ({ sender }) => sender.replyTo },
  'proxy.use': {
    value: ({ proxy }) => proxy.use,
    text: ({ proxy }) => onOff(proxy.use),
    destination: { of: throughProxy, moved: differs((settings) => proxyInUse(settings) === null) },
  },
  'proxy.server.kind': {
    value: ({ proxy }) => proxy.server?.kind ?? null,
    text: ({ proxy }) => (proxy.server === null ? '' : proxyWords[proxy.server.kind]),
    destination: { of: withProxyPassword, moved: proxyDiffers(({ kind }) => kind) },
  },
  'proxy.server.host': {
    value: ({ proxy }) => proxy.server?.host ?? null,
    destination: { of: withProxyPassword, moved: proxyDiffers(({ host }) => host.toLowerCase()) },
  },
  'proxy.server.port': {
    value: ({ proxy }) => proxy.server?.port ?? null,
    destination: { of: withProxyPassword, moved: proxyDiffers(({ port }) => port) },
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
    destination: { of: throughProxy, moved: proxyDiffers(({ noProxy }) => JSON.stringify(noProxy)) },
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
} as const satisfies Partial<Record<SettingsPath, FieldRule>>;

type ProxyServer = NonNullable<AnyMailSettings['proxy']['server']>;

function proxyInUse({ proxy }: AnyMailSettings): ProxyServer | null {
  return proxy.use ? proxy.server : null;
}

// A proxy that is switched off leads the server's password nowhere, but its own password stays its own.
function proxyDiffers(
  read: (server: ProxyServer) => unknown,
): (before: AnyMailSettings, after: AnyMailSettings, of: Carried) => boolean {
  return (before, after, of) => {
    const from = of === 'proxy_password' ? before.proxy.server : proxyInUse(before);
    const to = of === 'proxy_password' ? after.proxy.server : proxyInUse(after);
    return from !== null && to !== null && read(from) !== read(to);
  };
}

function blank(text: string): string | null {
  return text === '' ? null : text;
}
