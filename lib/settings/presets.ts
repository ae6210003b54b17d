import type { ConnectionOf, MailSettingsInput } from './schemas.ts';

/**
 * Well-known providers: what their own pages say about submission. They fill the form and nothing else; limits and
 * hosts of providers change, and a person may type over every value. Pure, for the browser too.
 */

type Connection = ConnectionOf<MailSettingsInput, 'smtp'>;

export interface ProviderPreset {
  readonly id: string;
  readonly name: string;
  /** What stands under the name on its tile. */
  readonly summary: string;
  /** Null: typed in by the person. */
  readonly host: string | null;
  readonly port: number;
  readonly protocol: Connection['protocol'];
  readonly tlsPolicy: Connection['tlsPolicy'];
  readonly requiresAuthentication: boolean;
  /** How many connections the provider lets one sign-in have, or a careful default. */
  readonly maxConnections: number;
  /** What the user name is there. */
  readonly userNameHint: string | null;
  /** A user name that is the same for everyone. */
  readonly fixedUserName: string | null;
  readonly passwordHint: string | null;
  /** Domains of addresses for which it is proposed. */
  readonly domains: readonly string[];
}

type Described = Pick<ProviderPreset, 'id' | 'name' | 'host'> & Partial<ProviderPreset>;

const address = 'Your whole e-mail address.';
const appPassword = 'An app password, made in the security settings of the account.';

function submission(given: Described): ProviderPreset {
  return {
    port: 587,
    protocol: 'smtp',
    tlsPolicy: 'required',
    requiresAuthentication: true,
    maxConnections: 5,
    userNameHint: address,
    fixedUserName: null,
    passwordHint: null,
    domains: [],
    ...given,
    summary: given.summary ?? `SMTP, ${given.port ?? 587}`,
  };
}

function implicitTls(given: Described): ProviderPreset {
  return submission({ port: 465, protocol: 'smtps', summary: 'SMTPS, 465', ...given });
}

export const presets: readonly ProviderPreset[] = [
  submission({
    id: 'microsoft_365',
    name: 'Microsoft 365',
    host: 'smtp.office365.com',
    maxConnections: 3,
    userNameHint: 'The mailbox that signs in; SMTP AUTH must be on for it.',
    domains: ['onmicrosoft.com'],
  }),
  submission({
    id: 'google',
    name: 'Google Workspace, Gmail',
    host: 'smtp.gmail.com',
    passwordHint: appPassword,
    domains: ['gmail.com', 'googlemail.com'],
  }),
  submission({
    id: 'google_relay',
    name: 'Google Workspace relay',
    host: 'smtp-relay.gmail.com',
    requiresAuthentication: false,
    userNameHint: 'None where the relay knows this server by its address.',
  }),
  submission({
    id: 'amazon_ses',
    name: 'Amazon SES',
    host: 'email-smtp.eu-west-1.amazonaws.com',
    userNameHint: 'SMTP user name of SES, not an access key. Put your region into the server name.',
    passwordHint: 'SMTP password of SES, not a secret access key.',
  }),
  submission({
    id: 'mailgun',
    name: 'Mailgun',
    host: 'smtp.mailgun.org',
    userNameHint:
      'SMTP login of the domain, such as postmaster@mg.example.com. In the EU: smtp.eu.mailgun.org.',
  }),
  submission({
    id: 'sendgrid',
    name: 'SendGrid',
    host: 'smtp.sendgrid.net',
    fixedUserName: 'apikey',
    userNameHint: 'The word apikey.',
    passwordHint: 'An API key with the right to send.',
  }),
  submission({
    id: 'postmark',
    name: 'Postmark',
    host: 'smtp.postmarkapp.com',
    userNameHint: 'The server token.',
    passwordHint: 'The same server token.',
  }),
  submission({
    id: 'brevo',
    name: 'Brevo',
    host: 'smtp-relay.brevo.com',
    userNameHint: 'The SMTP login of the account.',
    passwordHint: 'An SMTP key, not the password of the account.',
  }),
  submission({
    id: 'mailjet',
    name: 'Mailjet',
    host: 'in-v3.mailjet.com',
    userNameHint: 'The API key.',
    passwordHint: 'The secret key.',
  }),
  submission({
    id: 'resend',
    name: 'Resend',
    host: 'smtp.resend.com',
    fixedUserName: 'resend',
    userNameHint: 'The word resend.',
    passwordHint: 'An API key.',
  }),
  implicitTls({
    id: 'fastmail',
    name: 'Fastmail',
    host: 'smtp.fastmail.com',
    passwordHint: appPassword,
    domains: ['fastmail.com', 'fastmail.fm'],
  }),
  implicitTls({
    id: 'zoho',
    name: 'Zoho Mail',
    host: 'smtp.zoho.com',
    userNameHint: 'Your whole e-mail address. Other regions have smtp.zoho.eu, smtp.zoho.in and so on.',
    domains: ['zoho.com', 'zohomail.com'],
  }),
  implicitTls({
    id: 'yahoo',
    name: 'Yahoo Mail',
    host: 'smtp.mail.yahoo.com',
    passwordHint: appPassword,
    domains: [
      'yahoo.com',
      'yahoo.co.uk',
      'yahoo.de',
      'yahoo.fr',
      'yahoo.es',
      'yahoo.it',
      'ymail.com',
      'rocketmail.com',
    ],
  }),
  submission({
    id: 'icloud',
    name: 'iCloud Mail',
    host: 'smtp.mail.me.com',
    passwordHint: appPassword,
    domains: ['icloud.com', 'me.com', 'mac.com'],
  }),
  implicitTls({ id: 'ovh', name: 'OVHcloud', host: 'ssl0.ovh.net' }),
  submission({
    id: 'ionos',
    name: 'IONOS',
    host: 'smtp.ionos.com',
    userNameHint: 'Your whole e-mail address. In Germany: smtp.ionos.de.',
  }),
  submission({
    id: 'gmx',
    name: 'GMX',
    host: 'mail.gmx.net',
    passwordHint: 'The password of the mailbox; sending by SMTP must be allowed in its settings.',
    domains: ['gmx.net', 'gmx.de', 'gmx.at', 'gmx.ch'],
  }),
  submission({
    id: 'gmx_com',
    name: 'GMX (gmx.com)',
    host: 'mail.gmx.com',
    passwordHint: 'The password of the mailbox; sending by SMTP must be allowed in its settings.',
    domains: ['gmx.com', 'gmx.us', 'gmx.co.uk'],
  }),
  submission({
    id: 'postfix',
    name: 'Postfix relay',
    host: 'localhost',
    port: 25,
    summary: 'SMTP, 25',
    tlsPolicy: 'when_offered',
    requiresAuthentication: false,
    userNameHint: null,
  }),
  submission({ id: 'other', name: 'Other SMTP', host: null, summary: 'typed in below', userNameHint: null }),
];

/** The provider of an e-mail address by its domain; null where none is known. Exact domains and "*.onmicrosoft.com". */
export function proposePreset(emailAddress: string): ProviderPreset | null {
  const domain = emailAddress.trim().toLowerCase().split('@').at(-1) ?? '';
  if (!emailAddress.includes('@') || domain === '') return null;
  const found = presets.find(({ domains }) =>
    domains.some((known) => domain === known || domain.endsWith(`.${known}`)),
  );
  return found ?? null;
}

/** The provider that the server belongs to, to mark its tile; "other" where none is known. */
export function presetOf(host: string): ProviderPreset['id'] {
  const name = host.trim().toLowerCase();
  if (/^email-smtp\.[a-z0-9-]+\.amazonaws\.com$/.test(name)) return 'amazon_ses';
  return presets.find((preset) => preset.host === name)?.id ?? 'other';
}

/** The port that goes with protocol and TLS: 25 SMTP, 465 SMTPS, 587 SMTP with TLS (PRODUCT 2.4). */
export function defaultPort(connection: Pick<Connection, 'protocol' | 'tlsPolicy'>): number {
  if (connection.protocol === 'smtps') return 465;
  return connection.tlsPolicy === 'none' ? 25 : 587;
}
