import { DomainError, type FieldIssue, invalidField } from '../errors.ts';
import { movedDestinations, type SecretPurpose, secretPaths, secretPurposes } from './fields.ts';
import { settingsLabels } from './labels.ts';
import type { MailSettingsDocument, MailSettingsInput, SecretInput } from './schemas.ts';

/** What becomes of one secret: none is wanted, the saved one stays, or a new one is sealed. */
export type SecretPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'keep'; readonly secretId: string }
  | { readonly kind: 'seal'; readonly value: string };
export type SecretPlans = Readonly<Record<SecretPurpose, SecretPlan>>;

/**
 * Decides for each secret of the new settings whether the saved one may stay (PRODUCT 2.18). Throws `secret_required`
 * naming every secret that must be typed again because its destination changed or none is saved. Pure.
 */
export function planSecrets(current: MailSettingsDocument | null, input: MailSettingsInput): SecretPlans {
  const issues: FieldIssue[] = [];
  const plan = (purpose: SecretPurpose): SecretPlan => {
    const wanted = wantedSecret(purpose, input);
    if (wanted === null || wanted.kind === 'remove') return { kind: 'none' };
    if (wanted.kind === 'set') return { kind: 'seal', value: wanted.value };
    const secretId = current === null ? null : savedSecretId(purpose, current);
    if (current === null || secretId === null) {
      if (purpose === 'password') issues.push({ field: secretPaths[purpose], message: 'Type the password.' });
      return { kind: 'none' };
    }
    const moved = movedDestinations(purpose, current, input);
    if (moved.length === 0) return { kind: 'keep', secretId };
    const names = moved.map((path) => settingsLabels[path].label).join(', ');
    issues.push({
      field: secretPaths[purpose],
      message: `Type the password again. The saved one was not saved for the changed ${names}.`,
    });
    return { kind: 'none' };
  };
  const plans = { password: plan('password'), proxy_password: plan('proxy_password') };
  refuse(issues);
  return plans;
}

function refuse(issues: readonly FieldIssue[]): void {
  const [first] = issues;
  if (first === undefined) return;
  throw new DomainError('secret_required', first.message, {
    issues,
    data: { fields: issues.map(({ field }) => field) },
  });
}

function wantedSecret(purpose: SecretPurpose, { connection, proxy }: MailSettingsInput): SecretInput | null {
  switch (purpose) {
    case 'password':
      if (connection.authentication.kind === 'none') return null;
      if (connection.authentication.password.kind === 'remove') {
        throw invalidField(
          secretPaths.password,
          'A password is needed when the server requires authentication.',
        );
      }
      return connection.authentication.password;
    case 'proxy_password':
      if (proxy.server === null) return null;
      if (proxy.server.userName !== null) return proxy.server.password;
      if (proxy.server.password.kind !== 'set') return null;
      throw invalidField('proxy.server.userName', 'Give the user name that goes with the password.');
    default:
      return purpose satisfies never;
  }
}

/** The id of the sealed row that the document names for this secret. */
export function savedSecretId(
  purpose: SecretPurpose,
  { connection, proxy }: MailSettingsDocument,
): string | null {
  switch (purpose) {
    case 'password':
      return connection.authentication.kind === 'none' ? null : connection.authentication.password.secretId;
    case 'proxy_password':
      return proxy.server?.password?.secretId ?? null;
    default:
      return purpose satisfies never;
  }
}

/** The ids of all sealed rows that the document names. */
export function savedSecretIds(document: MailSettingsDocument): string[] {
  return secretPurposes.flatMap((purpose) => savedSecretId(purpose, document) ?? []);
}
