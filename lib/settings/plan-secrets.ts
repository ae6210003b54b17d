import { DomainError, type FieldIssue, invalidField } from '../errors.ts';
import { type SecretPurpose, secretPurposes } from './field-rule.ts';
import { movedDestinations, secretPaths } from './fields.ts';
import { settingsLabels } from './labels.ts';
import type { MailSettingsDocument, MailSettingsInput, SecretInput } from './schemas.ts';

/** What becomes of one secret: none is wanted, the saved one stays, or a new one is sealed. */
export type SecretPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'keep'; readonly secretId: string }
  | { readonly kind: 'seal'; readonly value: string };
export type SecretPlans = Readonly<Record<SecretPurpose, SecretPlan>>;

const secretWords: Readonly<Record<SecretPurpose, string>> = {
  password: 'password',
  alternate_password: 'password at the alternate',
  proxy_password: 'password',
  client_secret: 'client secret',
  private_key: 'private key',
};

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
    const field = secretPaths[purpose];
    if (current === null || secretId === null) {
      const message = `Type the ${secretWords[purpose]}.`;
      if (purpose !== 'proxy_password') issues.push({ field, message });
      return { kind: 'none' };
    }
    const moved = movedDestinations(purpose, current, input);
    if (moved.length === 0) return { kind: 'keep', secretId };
    const names = moved.map((path) => settingsLabels[path].label).join(', ');
    issues.push({
      field,
      message: `Type the ${secretWords[purpose]} again. The saved one was not saved for the changed ${names}.`,
    });
    return { kind: 'none' };
  };
  const plans = {
    password: plan('password'),
    alternate_password: plan('alternate_password'),
    proxy_password: plan('proxy_password'),
    client_secret: plan('client_secret'),
    private_key: plan('private_key'),
  };
  refuse(issues);
  return plans;
}

/**
 * The grant whose tokens the new settings may go on with; null where a new consent is needed because the tokens would
 * go to another place, belong to another account or grant something else. Pure.
 */
export function keptGrant(current: MailSettingsDocument | null, input: MailSettingsInput): string | null {
  const wanted = input.connection.authentication;
  const grantId = current === null ? null : savedGrantId(current);
  if (wanted.kind !== 'oauth' || current === null) return null;
  return movedDestinations('consent', current, input).length === 0 ? grantId : null;
}

function refuse(issues: readonly FieldIssue[]): void {
  const [first] = issues;
  if (first === undefined) return;
  throw new DomainError('secret_required', first.message, {
    issues,
    data: { fields: issues.map(({ field }) => field) },
  });
}

function wantedSecret(purpose: SecretPurpose, settings: MailSettingsInput): SecretInput | null {
  if (purpose === 'proxy_password') return wantedProxyPassword(settings);
  const given = signInSecret(purpose, settings);
  if (given?.kind !== 'remove') return given;
  throw invalidField(secretPaths[purpose], `A ${secretWords[purpose]} is needed with this authentication.`);
}

function signInSecret(
  purpose: Exclude<SecretPurpose, 'proxy_password'>,
  { connection }: MailSettingsInput,
): SecretInput | null {
  const { authentication } = connection;
  switch (purpose) {
    case 'alternate_password': {
      const own = connection.kind === 'smtp' ? connection.alternate.authentication : null;
      return own?.kind === 'basic' ? own.password : null;
    }
    case 'password':
      return authentication.kind === 'basic' ? authentication.password : null;
    case 'client_secret':
      return authentication.kind === 'oauth' && authentication.credential.kind === 'secret'
        ? authentication.credential.secret
        : null;
    case 'private_key':
      return authentication.kind === 'oauth' && authentication.credential.kind === 'certificate'
        ? authentication.credential.privateKey
        : null;
    default:
      return purpose satisfies never;
  }
}

function wantedProxyPassword({ proxy }: MailSettingsInput): SecretInput | null {
  if (proxy.server === null) return null;
  if (proxy.server.userName !== null) return proxy.server.password;
  if (proxy.server.password.kind !== 'set') return null;
  throw invalidField('proxy.server.userName', 'Give the user name that goes with the password.');
}

/** The id of the sealed row that the document names for this secret. */
export function savedSecretId(
  purpose: SecretPurpose,
  { connection, proxy }: MailSettingsDocument,
): string | null {
  const { authentication } = connection;
  switch (purpose) {
    case 'alternate_password': {
      const own = connection.kind === 'smtp' ? connection.alternate.authentication : null;
      return own?.kind === 'basic' ? own.password.secretId : null;
    }
    case 'password':
      return authentication.kind === 'basic' ? authentication.password.secretId : null;
    case 'proxy_password':
      return proxy.server?.password?.secretId ?? null;
    case 'client_secret':
      return authentication.kind === 'oauth' && authentication.credential.kind === 'secret'
        ? authentication.credential.secret.secretId
        : null;
    case 'private_key':
      return authentication.kind === 'oauth' && authentication.credential.kind === 'certificate'
        ? authentication.credential.privateKey.secretId
        : null;
    default:
      return purpose satisfies never;
  }
}

/** The id of the row that holds the tokens; null without OAuth. */
export function savedGrantId({ connection: { authentication } }: MailSettingsDocument): string | null {
  return authentication.kind === 'oauth' ? authentication.consent.grantId : null;
}

/** The ids of all sealed rows that the document names. */
export function savedSecretIds(document: MailSettingsDocument): string[] {
  return secretPurposes.flatMap((purpose) => savedSecretId(purpose, document) ?? []);
}
