/**
 * How the fields of the mail settings are called and grouped: in the form, the history, the comparison of versions
 * and in errors. Pure text, so that the browser may have it.
 */

import type { ConnectionFacts } from './connection-facts.ts';

export const settingsGroups = {
  provider: 'Provider',
  sender: 'Sender',
  server: 'Server',
  encryption: 'Encryption',
  sign_in: 'Sign-in at the server',
  alternate: 'Alternate server',
  authorization: 'Authorization server',
  proxy: 'Proxy',
  debug: 'Email debug',
  sending: 'Sending',
  retry: 'Retry',
} as const;
export type SettingsGroup = keyof typeof settingsGroups;

/** Every field of the settings by its path in the document, in the order in which it is shown. */
export const settingsLabels = {
  'connection.kind': { label: 'Connection protocol', group: 'provider' },
  'sender.name': { label: 'Sender name', group: 'sender' },
  'sender.address': { label: 'From address', group: 'sender' },
  'sender.replyTo': { label: 'Reply-To', group: 'sender' },
  'connection.protocol': { label: 'Protocol', group: 'server' },
  'connection.connectUrl': { label: 'Connect URL', group: 'server' },
  'connection.endpoint': { label: 'Graph endpoint', group: 'server' },
  'connection.mailbox': { label: 'Mailbox', group: 'server' },
  'connection.host': { label: 'Server name or IP', group: 'server' },
  'connection.port': { label: 'Port', group: 'server' },
  'connection.maxConnections': { label: 'Connections at once', group: 'server' },
  'connection.saveToSentItems': { label: 'Save to Sent Items', group: 'server' },
  'connection.proveOnce': { label: 'Prove each mail once', group: 'server' },
  'connection.requestsCountedBy': { label: 'Requests at once counted by', group: 'server' },
  'connection.anchorMailbox': { label: 'Anchor mailbox', group: 'server' },
  'connection.impersonatedMailbox': { label: 'Other mailbox', group: 'server' },
  'connection.mailboxAccess': { label: 'Used by', group: 'server' },
  'connection.tlsPolicy': { label: 'TLS policy', group: 'encryption' },
  'connection.checkCertificate': { label: 'Check certificate', group: 'encryption' },
  'connection.customCa': { label: 'Custom CA', group: 'encryption' },
  'connection.authentication.kind': { label: 'Authentication', group: 'sign_in' },
  'connection.authentication.scheme': { label: 'Sign-in method', group: 'sign_in' },
  'connection.authentication.userName': { label: 'User name', group: 'sign_in' },
  'connection.authentication.password': { label: 'Password', group: 'sign_in' },
  'connection.alternateHost': { label: 'Alternate server', group: 'alternate' },
  'connection.alternate.port': { label: 'Port of the alternate', group: 'alternate' },
  'connection.alternate.tlsPolicy': { label: 'TLS policy of the alternate', group: 'alternate' },
  'connection.alternate.checkCertificate': { label: 'Check its certificate', group: 'alternate' },
  'connection.alternate.authentication.kind': { label: 'Sign-in at the alternate', group: 'alternate' },
  'connection.alternate.authentication.userName': {
    label: 'User name at the alternate',
    group: 'alternate',
  },
  'connection.alternate.authentication.password': { label: 'Password at the alternate', group: 'alternate' },
  'connection.alternate.returnAfterMinutes': { label: 'Back to the primary by itself', group: 'alternate' },
  'connection.authentication.signInName': { label: 'Sign-in name', group: 'sign_in' },
  'connection.authentication.access': { label: 'Access', group: 'authorization' },
  'connection.authentication.server.kind': { label: 'Authorization server', group: 'authorization' },
  'connection.authentication.server.host': { label: 'Sign-in host', group: 'authorization' },
  'connection.authentication.server.tenant': { label: 'Tenant', group: 'authorization' },
  'connection.authentication.server.authorizationUrl': {
    label: 'Authorization URL',
    group: 'authorization',
  },
  'connection.authentication.server.tokenUrl': { label: 'Token URL', group: 'authorization' },
  'connection.authentication.clientId': { label: 'Client ID', group: 'authorization' },
  'connection.authentication.credential.kind': { label: 'Signs in with', group: 'authorization' },
  'connection.authentication.credential.secret': { label: 'Client secret', group: 'authorization' },
  'connection.authentication.credential.expiresOn': {
    label: 'Client secret ends on',
    group: 'authorization',
  },
  'connection.authentication.credential.certificate': { label: 'Certificate', group: 'authorization' },
  'connection.authentication.credential.privateKey': { label: 'Private key', group: 'authorization' },
  'connection.authentication.scope': { label: 'Scope', group: 'authorization' },
  'proxy.use': { label: 'Use proxy', group: 'proxy' },
  'proxy.server.kind': { label: 'Proxy type', group: 'proxy' },
  'proxy.server.host': { label: 'Proxy server', group: 'proxy' },
  'proxy.server.port': { label: 'Proxy port', group: 'proxy' },
  'proxy.server.userName': { label: 'Proxy user name', group: 'proxy' },
  'proxy.server.password': { label: 'Proxy password', group: 'proxy' },
  'proxy.server.noProxy': { label: 'Reached without the proxy', group: 'proxy' },
  'debug.until': { label: 'Email debug', group: 'debug' },
  'sending.mode': { label: 'Sending mode', group: 'sending' },
  'sending.allowedSenders': { label: 'Allowed senders', group: 'sending' },
  'sending.otherSenders': { label: 'Other senders', group: 'sending' },
  'sending.uncertain': { label: 'After an uncertain outcome', group: 'sending' },
  'sending.retry.firstWaitSeconds': { label: 'First wait', group: 'retry' },
  'sending.retry.factor': { label: 'Growth of the wait', group: 'retry' },
  'sending.retry.maxWaitSeconds': { label: 'Longest wait', group: 'retry' },
  'sending.retry.jitterPercent': { label: 'Jitter', group: 'retry' },
  'sending.retry.giveUpAfterHours': { label: 'Give up after', group: 'retry' },
} as const satisfies Record<string, { label: string; group: SettingsGroup }>;
export type SettingsPath = keyof typeof settingsLabels;

export const connectionWords = {
  smtp: 'SMTP/SMTPS',
  ews: 'Exchange Web Services',
  graph: 'Microsoft Graph',
} as const;
export const authenticationWords = { none: 'None', basic: 'Basic', oauth: 'OAuth' } as const;
export const schemeWords = { basic: 'Basic', ntlm: 'NTLM' } as const;
export const authorizationServerWords = { microsoft: 'Microsoft', google: 'Google', other: 'Other' } as const;
export const accessWords = {
  delegated: 'Delegated, by consent of the mailbox',
  app_only: 'App-only, without a person',
} as const;
export const credentialWords = { secret: 'Client secret', certificate: 'Certificate' } as const;
export const mailboxAccessWords = {
  impersonation: 'Impersonation',
  delegate: 'Rights on the mailbox',
} as const;
export const requestsCountedByWords = {
  client_and_mailbox: 'Client ID and mailbox',
  client: 'Client ID alone',
} as const;
export const protocolWords = { smtp: 'SMTP', smtps: 'SMTPS' } as const;
export const tlsPolicyWords = { none: 'None', when_offered: 'When offered', required: 'Required' } as const;
export const tlsPolicyHelp = {
  none: 'Mail and password travel in clear.',
  when_offered: 'Falls back to clear when the server offers no STARTTLS. A password never does.',
  required: 'Stops rather than send in clear.',
} as const;
export const alternateSignInWords = {
  same: 'As at the primary',
  none: 'None',
  basic: 'User name and password of its own',
} as const;
export const proxyWords = { http: 'HTTP CONNECT', socks5: 'SOCKS5' } as const;
export const sendingModeWords = {
  live: 'Live',
  capture: 'Capture',
  redirect: 'Redirect',
  allow_list: 'Allow-list',
} as const;
export const sendingModeHelp = {
  live: 'Mail goes to its recipients.',
  capture: 'Nothing leaves. Every mail can be read here and released by a person.',
  redirect: 'All mail goes to one address. The original recipients stand in a header.',
  allow_list: 'Only listed addresses and domains get mail. The rest is captured.',
} as const;
export const otherSenderWords = {
  refuse: 'Refuse the mail',
  rewrite: 'Send by the configured sender, the original as Reply-To',
} as const;
export const uncertainWords = {
  resend: 'Look first where the server can tell, then send again',
  resend_at_once: 'Send again without looking',
  hold: 'Hold for a person',
} as const;
export const originWords = {
  saved: 'Saved',
  copied: 'Copied',
  restored: 'Restored',
  cleared: 'Cleared',
  switched_off: 'Switched off by itself',
} as const;

/** What a connection speaks, in lists. */
export const transportWords: Readonly<Record<ConnectionFacts['transport'], string>> = {
  smtp: 'SMTP',
  smtps: 'SMTPS',
  ews: 'EWS',
  graph: 'Graph',
};
