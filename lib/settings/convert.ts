import type { SecretPurpose } from './field-rule.ts';
import {
  type AnyMailSettings,
  type MailSettingsDocument,
  mailSettingsDocument,
  type MailSettingsInput,
  mailSettingsInput,
  type MailSettingsView,
  mailSettingsView,
  type SecretInput,
  type SecretView,
} from './schemas.ts';

/** The three shapes of the settings, one from the other; they differ in their secrets only. Pure. */

/** The ids of the sealed rows, and of the row that holds the tokens. */
export interface StoredIds {
  readonly secrets: Readonly<Record<SecretPurpose, string | null>>;
  readonly grantId: string;
}

/** As stored: each secret by the id of its sealed row. */
export function toDocument(input: MailSettingsInput, { secrets, grantId }: StoredIds): MailSettingsDocument {
  const reference = (purpose: SecretPurpose): { secretId: string } | null => {
    const secretId = secrets[purpose];
    return secretId === null ? null : { secretId };
  };
  return mailSettingsDocument.parse(replaceSecrets(input, reference, { grantId }));
}

/** As it may leave: each secret as when and by whom it was set. */
export function toView(
  document: MailSettingsDocument,
  secrets: ReadonlyMap<string, SecretView>,
): MailSettingsView {
  const view = (_purpose: SecretPurpose, given: unknown): SecretView | null => {
    if (given === null) return null;
    const id = isReference(given) ? given.secretId : '';
    return secrets.get(id) ?? { setAt: new Date(0).toISOString(), setBy: 'unknown' };
  };
  const { authentication } = document.connection;
  const consent = authentication.kind === 'oauth' ? authentication.consent : null;
  return mailSettingsView.parse(replaceSecrets(document, view, consent));
}

function isReference(given: unknown): given is { secretId: string } {
  return typeof given === 'object' && given !== null && 'secretId' in given;
}

/** As a form starts from it: every secret and the consent kept unless the given says otherwise. */
export function toInput(
  settings: MailSettingsDocument | MailSettingsView,
  secrets: Readonly<Partial<Record<SecretPurpose, SecretInput>>> = {},
): MailSettingsInput {
  const kept = (purpose: SecretPurpose): SecretInput => secrets[purpose] ?? { kind: 'keep' };
  return mailSettingsInput.parse(replaceSecrets(settings, kept, { kind: 'keep' }));
}

/** The same input with secrets that were typed apart from it; a secret that has no place in it is left out. */
export function withTypedSecrets(
  input: MailSettingsInput,
  typed: Readonly<Partial<Record<SecretPurpose, string | undefined>>>,
): MailSettingsInput {
  const { authentication } = input.connection;
  const consent = authentication.kind === 'oauth' ? authentication.consent : null;
  const given = (purpose: SecretPurpose, before: unknown): unknown => {
    const value = typed[purpose];
    return value === undefined ? before : { kind: 'set', value };
  };
  return mailSettingsInput.parse(replaceSecrets(input, given, consent));
}

function replaceSecrets(
  settings: AnyMailSettings,
  secret: (purpose: SecretPurpose, given: unknown) => unknown,
  consent: unknown,
): unknown {
  const { connection, proxy } = settings;
  const { server } = proxy;
  return {
    ...settings,
    connection: {
      ...connection,
      ...(connection.kind === 'smtp' && { alternate: alternateOf(connection.alternate, secret) }),
      authentication: signIn(connection.authentication, secret, consent),
    },
    proxy: {
      ...proxy,
      server: server === null ? null : { ...server, password: secret('proxy_password', server.password) },
    },
  };
}

type Alternate = Extract<AnyMailSettings['connection'], { kind: 'smtp' }>['alternate'];

function alternateOf(
  alternate: Alternate,
  secret: (purpose: SecretPurpose, given: unknown) => unknown,
): unknown {
  const own = alternate?.authentication;
  if (own?.kind !== 'basic') return alternate;
  return { ...alternate, authentication: { ...own, password: secret('alternate_password', own.password) } };
}

function signIn(
  authentication: AnyMailSettings['connection']['authentication'],
  secret: (purpose: SecretPurpose, given: unknown) => unknown,
  consent: unknown,
): unknown {
  switch (authentication.kind) {
    case 'none':
      return authentication;
    case 'basic':
      return { ...authentication, password: secret('password', authentication.password) };
    case 'oauth': {
      const { credential } = authentication;
      const held =
        credential.kind === 'secret'
          ? { ...credential, secret: secret('client_secret', credential.secret) }
          : { ...credential, privateKey: secret('private_key', credential.privateKey) };
      return { ...authentication, credential: held, consent };
    }
    default:
      return authentication satisfies never;
  }
}
