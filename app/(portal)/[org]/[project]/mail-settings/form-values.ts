import type { SecretChange } from '#app/_ui/secret-field.tsx';
import {
  defaultRetrySchedule,
  type MailSettingsFields,
  type MailSettingsView,
  type SecretView,
  type SendingMode,
  type UncertainChoice,
} from '#lib/settings/schemas.ts';
import { connectionOf, numberOf, secretOf } from './connection-fields.ts';
import {
  blankConnection,
  type ConnectionForm,
  connectionFormOf,
  storedConnectionSecrets,
} from './connection-form.ts';

/**
 * What the form holds while it is edited: texts as they are typed, under the dotted paths that the server's errors
 * name. Fields that do not apply now keep what was typed, so that switching back and forth loses nothing.
 */
export interface SettingsForm extends ConnectionForm {
  'sender.name': string;
  'sender.address': string;
  'sender.replyTo': string;
  'proxy.use': boolean;
  'proxy.server.kind': 'http' | 'socks5';
  'proxy.server.host': string;
  'proxy.server.port': string;
  'proxy.server.userName': string;
  'proxy.server.password': SecretChange;
  'proxy.server.noProxy': string;
  'debug.until': DebugChoice;
  'sending.mode.kind': SendingMode['kind'];
  'sending.mode.to': string;
  'sending.mode.entries': string;
  'sending.allowedSenders': string;
  'sending.otherSenders': 'refuse' | 'rewrite';
  'sending.uncertain': UncertainChoice;
  'sending.retry.firstWaitSeconds': string;
  'sending.retry.factor': string;
  'sending.retry.maxWaitSeconds': string;
  'sending.retry.jitterPercent': string;
  'sending.retry.giveUpAfterHours': string;
}
export type SettingsField = keyof SettingsForm;

/** Email debug: off, on until the moment that is saved, or on for so many hours from the save. */
export type DebugChoice =
  | { readonly kind: 'off' }
  | { readonly kind: 'until'; readonly until: string }
  | { readonly kind: 'for'; readonly hours: number };

export interface StoredSecrets extends ReturnType<typeof storedConnectionSecrets> {
  readonly proxyPassword: SecretView | null;
}

const keep: SecretChange = { kind: 'keep' };

/** The form of a project without settings. */
export const blankForm: SettingsForm = {
  ...blankConnection,
  'sender.name': '',
  'sender.address': '',
  'sender.replyTo': '',
  'proxy.use': false,
  'proxy.server.kind': 'http',
  'proxy.server.host': '',
  'proxy.server.port': '3128',
  'proxy.server.userName': '',
  'proxy.server.password': keep,
  'proxy.server.noProxy': '',
  'debug.until': { kind: 'off' },
  'sending.mode.kind': 'live',
  'sending.mode.to': '',
  'sending.mode.entries': '',
  'sending.allowedSenders': '',
  'sending.otherSenders': 'refuse',
  'sending.uncertain': 'resend',
  'sending.retry.firstWaitSeconds': String(defaultRetrySchedule.firstWaitSeconds),
  'sending.retry.factor': String(defaultRetrySchedule.factor),
  'sending.retry.maxWaitSeconds': String(defaultRetrySchedule.maxWaitSeconds),
  'sending.retry.jitterPercent': String(defaultRetrySchedule.jitterPercent),
  'sending.retry.giveUpAfterHours': String(defaultRetrySchedule.giveUpAfterHours),
};

/** The form of what is saved; `blankForm` fills what the saved settings leave out. */
export function formOf(view: MailSettingsView | null): SettingsForm {
  if (view === null) return blankForm;
  const { sender, connection, sending } = view;
  return {
    ...blankForm,
    'sender.name': sender.name,
    'sender.address': sender.address,
    'sender.replyTo': sender.replyTo ?? '',
    ...connectionFormOf(connection),
    ...proxyForm(view.proxy),
    'debug.until': view.debug.until === null ? { kind: 'off' } : { kind: 'until', until: view.debug.until },
    'sending.mode.kind': sending.mode.kind,
    'sending.mode.to': sending.mode.kind === 'redirect' ? sending.mode.to : '',
    'sending.mode.entries': sending.mode.kind === 'allow_list' ? sending.mode.entries.join('\n') : '',
    'sending.allowedSenders': sending.allowedSenders.join('\n'),
    'sending.otherSenders': sending.otherSenders,
    'sending.uncertain': sending.uncertain,
    'sending.retry.firstWaitSeconds': String(sending.retry.firstWaitSeconds),
    'sending.retry.factor': String(sending.retry.factor),
    'sending.retry.maxWaitSeconds': String(sending.retry.maxWaitSeconds),
    'sending.retry.jitterPercent': String(sending.retry.jitterPercent),
    'sending.retry.giveUpAfterHours': String(sending.retry.giveUpAfterHours),
  };
}

function proxyForm({ use, server }: MailSettingsView['proxy']): Partial<SettingsForm> {
  if (server === null) return { 'proxy.use': use };
  return {
    'proxy.use': use,
    'proxy.server.kind': server.kind,
    'proxy.server.host': server.host,
    'proxy.server.port': String(server.port),
    'proxy.server.userName': server.userName ?? '',
    'proxy.server.noProxy': server.noProxy.join('\n'),
  };
}

export function storedSecretsOf(view: MailSettingsView | null): StoredSecrets {
  return {
    ...storedConnectionSecrets(view?.connection ?? null),
    proxyPassword: view?.proxy.server?.password ?? null,
  };
}

/** The form as the server takes it. `nowMs` starts the hours of the email debug. */
export function fieldsOf(form: SettingsForm, nowMs: number): MailSettingsFields {
  return {
    sender: {
      name: form['sender.name'],
      address: form['sender.address'],
      replyTo: form['sender.replyTo'],
    },
    connection: connectionOf(form),
    proxy: proxyOf(form),
    debug: { until: debugUntil(form['debug.until'], nowMs) },
    sending: {
      mode: modeOf(form),
      allowedSenders: linesOf(form['sending.allowedSenders']),
      otherSenders: form['sending.otherSenders'],
      uncertain: form['sending.uncertain'],
      retry: {
        firstWaitSeconds: numberOf(form['sending.retry.firstWaitSeconds']),
        factor: numberOf(form['sending.retry.factor']),
        maxWaitSeconds: numberOf(form['sending.retry.maxWaitSeconds']),
        jitterPercent: numberOf(form['sending.retry.jitterPercent']),
        giveUpAfterHours: numberOf(form['sending.retry.giveUpAfterHours']),
      },
    },
  };
}

function proxyOf(form: SettingsForm): MailSettingsFields['proxy'] {
  // A proxy that was never filled in is none; one that is switched off stays remembered.
  if (!form['proxy.use'] && form['proxy.server.host'].trim() === '') return { use: false, server: null };
  return {
    use: form['proxy.use'],
    server: {
      kind: form['proxy.server.kind'],
      host: form['proxy.server.host'],
      port: numberOf(form['proxy.server.port']),
      userName: form['proxy.server.userName'],
      password: secretOf(form['proxy.server.password']),
      noProxy: linesOf(form['proxy.server.noProxy']),
    },
  };
}

function modeOf(form: SettingsForm): SendingMode {
  const kind = form['sending.mode.kind'];
  switch (kind) {
    case 'live':
    case 'capture':
      return { kind };
    case 'redirect':
      return { kind, to: form['sending.mode.to'] };
    case 'allow_list':
      return { kind, entries: linesOf(form['sending.mode.entries']) };
    default:
      return kind satisfies never;
  }
}

function debugUntil(choice: DebugChoice, nowMs: number): string | null {
  switch (choice.kind) {
    case 'off':
      return null;
    case 'until':
      return choice.until;
    case 'for':
      return new Date(nowMs + choice.hours * 3_600_000).toISOString();
    default:
      return choice satisfies never;
  }
}

/** One entry a line; commas, semicolons and blanks part them as well. */
export function linesOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter((entry) => entry !== '');
}

/** The fields whose value is another one than the saved. */
export function dirtyFields(form: SettingsForm, saved: SettingsForm): ReadonlySet<SettingsField> {
  return new Set(settingsFields.filter((field) => !isSame(field, form, saved)));
}

function isSame(field: SettingsField, form: SettingsForm, saved: SettingsForm): boolean {
  const value = form[field];
  if (typeof value === 'object' && value.kind === 'replace') return value.value === '';
  return JSON.stringify(value) === JSON.stringify(saved[field]);
}

export const settingsFields = Object.keys(blankForm).filter(isSettingsField);

function isSettingsField(path: string): path is SettingsField {
  return Object.hasOwn(blankForm, path);
}

/** The form's field that an error's dotted path belongs to: itself, or the field that holds it ("….noProxy.2"). */
export function fieldAt(path: string): SettingsField | null {
  if (isSettingsField(path)) return path;
  if (path === 'sending.mode') return 'sending.mode.kind';
  if (path === 'connection.authentication') return 'connection.authentication.kind';
  if (path.startsWith('debug')) return 'debug.until';
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('.')));
  return parent === '' ? null : fieldAt(parent);
}
