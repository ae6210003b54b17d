import type { PoolFigures } from '#lib/policy/pace.ts';
import type { PoolKind } from './schemas.ts';

type Figures = Pick<
  PoolFigures,
  'mailsPerMinute' | 'mailsPerHour' | 'recipientsPerDay' | 'bytesPerFiveMinutes' | 'connections'
>;

/** What a provider grants by its own pages. They fill the form and nothing else: a person may type over every figure. */
export interface PoolPreset {
  readonly id: string;
  readonly name: string;
  readonly kind: PoolKind;
  readonly figures: Figures;
  /** What to know about the figures. */
  readonly note: string;
  /** Servers for which it is proposed. */
  readonly hosts: RegExp | null;
}

const unlimited: Figures = {
  mailsPerMinute: null,
  mailsPerHour: null,
  recipientsPerDay: null,
  bytesPerFiveMinutes: null,
  connections: null,
};

export const poolPresets: readonly PoolPreset[] = [
  {
    // Message storage and concurrent connection throttling for SMTP Authenticated Submission.
    id: 'exchange_smtp',
    name: 'Exchange Online, SMTP',
    kind: 'mailbox',
    figures: { ...unlimited, mailsPerMinute: 30, recipientsPerDay: 10_000, connections: 3 },
    note: 'One mailbox: 30 mails a minute, 3 connections, 10,000 recipients in 24 hours.',
    hosts:
      /(?:^|\.)(?:smtp\.office365\.com|smtp-mail\.outlook\.com|smtp\.office365\.us|outlook\.office365\.com)$/,
  },
  {
    // EWS throttling in Exchange; Exchange Online limits.
    id: 'exchange_ews',
    name: 'Exchange Online, EWS',
    kind: 'mailbox',
    figures: { ...unlimited, mailsPerMinute: 30, recipientsPerDay: 10_000, connections: 27 },
    note: 'One mailbox: 30 mails a minute, 27 requests at a time, 10,000 recipients in 24 hours.',
    hosts: null,
  },
  {
    // Microsoft Graph service-specific throttling limits; Exchange Online limits.
    id: 'graph',
    name: 'Microsoft Graph',
    kind: 'mailbox',
    figures: {
      ...unlimited,
      mailsPerMinute: 1_000,
      recipientsPerDay: 10_000,
      bytesPerFiveMinutes: 150_000_000,
      connections: 4,
    },
    note: 'One client ID and mailbox: 10,000 requests in 10 minutes, 4 at a time, 150 MB in 5 minutes. Above 30 mails a minute Exchange delays them on its side.',
    hosts: /(?:^|\.)graph\.microsoft\.(?:com|us)$/,
  },
  {
    // Gmail sending limits in Google Workspace: 2,000 messages a day; counted here by recipients, which are never fewer.
    id: 'google_workspace',
    name: 'Google Workspace',
    kind: 'sign_in',
    figures: { ...unlimited, recipientsPerDay: 2_000 },
    note: 'One account: 2,000 mails in 24 hours. Counted by recipients, to be on the safe side.',
    hosts: /^smtp\.gmail\.com$/,
  },
  {
    id: 'gmail',
    name: 'Gmail',
    kind: 'sign_in',
    figures: { ...unlimited, recipientsPerDay: 500 },
    note: 'A personal account: 500 mails in 24 hours. Counted by recipients, to be on the safe side.',
    hosts: /^smtp\.googlemail\.com$/,
  },
  {
    id: 'amazon_ses',
    name: 'Amazon SES',
    kind: 'tenant',
    figures: { ...unlimited, mailsPerMinute: 840, recipientsPerDay: 50_000 },
    note: 'An account out of the sandbox begins at 14 mails a second and 50,000 recipients in 24 hours. Your own figures stand on its account dashboard.',
    hosts: /^email-smtp\.[a-z0-9-]+\.amazonaws\.com$/,
  },
  {
    id: 'other',
    name: 'Other provider',
    kind: 'sign_in',
    figures: unlimited,
    note: 'Type in what the provider grants. A blank figure is no limit.',
    hosts: null,
  },
];

/** The preset for a server's host name; "other" where none is known. */
export function poolPresetOf(host: string): PoolPreset['id'] {
  const name = host.trim().toLowerCase();
  return poolPresets.find(({ hosts }) => hosts?.test(name) === true)?.id ?? 'other';
}
