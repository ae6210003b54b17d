import { sharedAlternate } from '#lib/settings/connection-schemas.ts';
import { type ConnectionOf, defaultRetrySchedule, type MailSettingsInput } from '#lib/settings/schemas.ts';

/** A word that stands in no other text, so that a search for it finds every leak. */
export const plainPassword = 'pl41n-p4ssw0rd-of-the-server';

/** Settings as a form hands them in: SMTP with STARTTLS and a password. */
export function smtpInput(changes: Partial<MailSettingsInput> = {}): MailSettingsInput {
  return {
    sender: { name: 'Northwind Billing', address: 'billing@example.com', replyTo: null },
    connection: smtpConnection(),
    proxy: { use: false, server: null },
    debug: { until: null },
    sending: {
      mode: { kind: 'live' },
      allowedSenders: [],
      otherSenders: 'refuse',
      uncertain: 'resend',
      retry: defaultRetrySchedule,
    },
    ...changes,
  };
}

type SmtpInput = ConnectionOf<MailSettingsInput, 'smtp'>;

export function smtpConnection(changes: Partial<SmtpInput> = {}): SmtpInput {
  return {
    kind: 'smtp',
    protocol: 'smtp',
    host: 'smtp.example.com',
    port: 587,
    alternateHost: null,
    alternate: sharedAlternate,
    tlsPolicy: 'required',
    checkCertificate: true,
    customCa: null,
    maxConnections: 5,
    authentication: {
      kind: 'basic',
      userName: 'billing@example.com',
      password: { kind: 'set', value: plainPassword },
    },
    ...changes,
  };
}

/** The same sign-in, its saved password kept. */
export const keptSignIn = {
  kind: 'basic',
  userName: 'billing@example.com',
  password: { kind: 'keep' },
} as const satisfies SmtpInput['authentication'];
