import type { FieldChange } from '#app/_ui/save-bar.tsx';
import {
  accessWords,
  alternateSignInWords,
  authenticationWords,
  authorizationServerWords,
  connectionWords,
  credentialWords,
  otherSenderWords,
  protocolWords,
  proxyWords,
  mailboxAccessWords,
  requestsCountedByWords,
  schemeWords,
  sendingModeWords,
  type SettingsPath,
  settingsLabels,
  tlsPolicyWords,
  uncertainWords,
} from '#lib/settings/labels.ts';
import { linesOf, type SettingsField, type SettingsForm } from './form-values.ts';

/** What the save bar lists: each changed field as its old and new value, secrets only as changed. */
export function changeList(
  dirty: ReadonlySet<SettingsField>,
  saved: SettingsForm,
  form: SettingsForm,
): FieldChange[] {
  const fields = [...dirty];
  const ofMode = fields.filter((field) => field.startsWith('sending.mode.'));
  const others = fields
    .filter((field) => !ofMode.includes(field))
    .flatMap((field) => change(field, saved, form));
  if (ofMode.length === 0 || modeWord(saved) === modeWord(form)) return others;
  return [
    ...others,
    { label: settingsLabels['sending.mode'].label, old: modeWord(saved), new: modeWord(form) },
  ];
}

function change(field: SettingsField, saved: SettingsForm, form: SettingsForm): FieldChange[] {
  if (field === 'connection.alternate.own') {
    return [{ label: 'Alternate has its own', old: wordOf(field, saved), new: wordOf(field, form) }];
  }
  if (!isPath(field)) return [];
  const isMono = typeof form[field] === 'string' && !(field in choiceWords);
  return [
    {
      label: settingsLabels[field].label,
      old: typeof saved[field] === 'object' && field !== 'debug.until' ? 'as saved' : wordOf(field, saved),
      new: wordOf(field, form),
      mono: isMono,
    },
  ];
}

function isPath(field: SettingsField): field is SettingsField & SettingsPath {
  return Object.hasOwn(settingsLabels, field);
}

const choiceWords: Partial<Record<SettingsField, Readonly<Record<string, string>>>> = {
  'connection.kind': connectionWords,
  'connection.protocol': protocolWords,
  'connection.tlsPolicy': tlsPolicyWords,
  'connection.alternate.tlsPolicy': { same: 'As the primary', ...tlsPolicyWords },
  'connection.alternate.checkCertificate': { same: 'As the primary', on: 'On', off: 'Off' },
  'connection.alternate.authentication.kind': alternateSignInWords,
  'connection.mailboxAccess': mailboxAccessWords,
  'connection.requestsCountedBy': requestsCountedByWords,
  'connection.authentication.kind': authenticationWords,
  'connection.authentication.scheme': schemeWords,
  'connection.authentication.access': accessWords,
  'connection.authentication.server.kind': authorizationServerWords,
  'connection.authentication.credential.kind': credentialWords,
  'proxy.server.kind': proxyWords,
  'sending.otherSenders': otherSenderWords,
  'sending.uncertain': uncertainWords,
};

const listFields = new Set<SettingsField>(['proxy.server.noProxy', 'sending.allowedSenders']);

function wordOf(field: SettingsField, form: SettingsForm): string {
  const value = form[field];
  if (typeof value === 'boolean') return value ? 'On' : 'Off';
  if (typeof value === 'object') return objectWord(value);
  const word = choiceWords[field]?.[value];
  if (word !== undefined) return word;
  if (value.trim() === '') return 'blank';
  if (field === 'connection.customCa' || field === 'connection.authentication.credential.certificate')
    return 'set';
  return listFields.has(field) ? entriesWord(value) : value.trim();
}

function objectWord(value: Extract<SettingsForm[SettingsField], object>): string {
  switch (value.kind) {
    case 'keep':
      return 'as saved';
    case 'replace':
      return 'replaced';
    case 'remove':
      return 'removed';
    case 'off':
      return 'Off';
    case 'until':
      return 'On';
    case 'for':
      return `On for ${value.hours} h`;
    default:
      return value satisfies never;
  }
}

function entriesWord(text: string): string {
  const entries = linesOf(text);
  return entries.length > 2 ? `${entries[0] ?? ''} and ${entries.length - 1} more` : entries.join(', ');
}

function modeWord(form: SettingsForm): string {
  const kind = form['sending.mode.kind'];
  switch (kind) {
    case 'live':
    case 'capture':
      return sendingModeWords[kind];
    case 'redirect':
      return `${sendingModeWords.redirect} to ${form['sending.mode.to'].trim() || 'nobody yet'}`;
    case 'allow_list':
      return `${sendingModeWords.allow_list} of ${entriesWord(form['sending.mode.entries']) || 'nobody yet'}`;
    default:
      return kind satisfies never;
  }
}
