import { alternateRules } from './alternate-rules.ts';
import { connectionRules } from './connection-rules.ts';
import { everyProtocolRules } from './every-protocol-rules.ts';
import type { Carried, FieldRule, SecretPurpose } from './field-rule.ts';
import { type SettingsPath, settingsLabels } from './labels.ts';
import type { AnyMailSettings } from './schemas.ts';
import { signInRules } from './sign-in-rules.ts';

/**
 * The one table of the settings' fields: what each reads as, which hold secrets and which lead a secret somewhere
 * (PRODUCT 2.18). History, comparison, save bar and the rule on kept secrets all come from it. A field that the chosen
 * protocol or authentication does not have reads as null.
 */
const rules: Readonly<Record<SettingsPath, FieldRule>> = {
  ...connectionRules,
  ...alternateRules,
  ...signInRules,
  ...everyProtocolRules,
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
  alternate_password: 'connection.alternate.authentication.password',
  proxy_password: 'proxy.server.password',
  client_secret: 'connection.authentication.credential.secret',
  private_key: 'connection.authentication.credential.privateKey',
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

/** The fields whose change would take the saved secret, or the consent, where it was not saved for (PRODUCT 2.18). */
export function movedDestinations(
  carried: Carried,
  before: AnyMailSettings,
  after: AnyMailSettings,
): SettingsPath[] {
  return settingsPaths.filter((path) => {
    const { destination } = rules[path];
    return destination?.of.includes(carried) === true && destination.moved(before, after, carried);
  });
}
