import type { SecretPurpose } from '#lib/settings/field-rule.ts';
import { fieldText, secretOf, settingsPaths } from '#lib/settings/fields.ts';
import {
  type SettingsGroup,
  settingsGroups,
  settingsLabels,
  type SettingsPath,
} from '#lib/settings/labels.ts';
import type { MailSettingsView, SecretView } from '#lib/settings/schemas.ts';
import { storedSecretsOf } from './form-values.ts';

export interface ValueGroup {
  readonly title: string;
  readonly values: readonly ShownValue[];
}

export interface ShownValue {
  readonly label: string;
  readonly text: string | null;
  readonly secret: SecretView | null;
}

/** The saved values in the groups of the form, for those who may only read them. */
export function valueGroups(view: MailSettingsView | null): ValueGroup[] {
  if (view === null) return [];
  const shown = settingsPaths.flatMap((path) => {
    const value = shownValue(path, view);
    return value === null ? [] : [{ group: settingsLabels[path].group, value }];
  });
  const groups = new Map<SettingsGroup, ShownValue[]>();
  for (const { group, value } of shown) groups.set(group, [...(groups.get(group) ?? []), value]);
  return [...groups].map(([group, values]) => ({ title: settingsGroups[group], values }));
}

function shownValue(path: SettingsPath, view: MailSettingsView): ShownValue | null {
  const { label } = settingsLabels[path];
  const purpose = secretOf(path);
  if (purpose === null) {
    const text = fieldText(path, view);
    return text === null ? null : { label, text, secret: null };
  }
  const secret = storedSecret(purpose, view);
  return secret === null ? null : { label, text: null, secret };
}

function storedSecret(purpose: SecretPurpose, view: MailSettingsView): SecretView | null {
  const stored = storedSecretsOf(view);
  switch (purpose) {
    case 'password':
      return stored.password;
    case 'alternate_password':
      return stored.alternatePassword;
    case 'proxy_password':
      return stored.proxyPassword;
    case 'client_secret':
      return stored.clientSecret;
    case 'private_key':
      return stored.privateKey;
    default:
      return purpose satisfies never;
  }
}
