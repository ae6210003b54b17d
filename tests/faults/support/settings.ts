import type { MailSettingsFields } from '#lib/settings/schemas.ts';

type Smtp = Extract<MailSettingsFields['connection'], { kind: 'smtp' }>;

export interface SmtpChanges {
  readonly port: number;
  readonly connection?: Partial<Smtp>;
  readonly sending?: Partial<MailSettingsFields['sending']>;
  readonly proxy?: MailSettingsFields['proxy'];
}

/** Waits that a fault can sit through; the shortest that the settings allow. */
export const quickRetry: MailSettingsFields['sending']['retry'] = {
  firstWaitSeconds: 5,
  factor: 2,
  maxWaitSeconds: 8,
  jitterPercent: 0,
  giveUpAfterHours: 1,
};

/** What goes into every mail setting, whatever the protocol. */
export function commonInput(
  changes: Pick<SmtpChanges, 'sending' | 'proxy'> = {},
): Omit<MailSettingsFields, 'connection'> {
  return {
    sender: { name: 'Portal', address: 'portal@example.test', replyTo: null },
    proxy: changes.proxy ?? { use: false, server: null },
    debug: { until: null },
    sending: {
      mode: { kind: 'live' },
      allowedSenders: [],
      otherSenders: 'refuse',
      uncertain: 'resend',
      retry: quickRetry,
      ...changes.sending,
    },
  };
}

/** SMTP in clear and without sign-in to a server on loopback, as a form hands it in. */
export function smtpInput(changes: SmtpChanges): MailSettingsFields {
  return {
    ...commonInput(changes),
    connection: {
      kind: 'smtp',
      protocol: 'smtp',
      host: '127.0.0.1',
      port: changes.port,
      alternateHost: null,
      tlsPolicy: 'none',
      checkCertificate: true,
      customCa: null,
      maxConnections: 5,
      authentication: { kind: 'none' },
      ...changes.connection,
    },
  };
}
