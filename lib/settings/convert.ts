import type { SecretPurpose } from './fields.ts';
import type {
  MailSettingsDocument,
  MailSettingsInput,
  MailSettingsView,
  SecretInput,
  SecretView,
} from './schemas.ts';

/** The three shapes of the settings, one from the other; they differ in their secrets only. Pure. */

/** As stored: each secret by the id of its sealed row. */
export function toDocument(
  input: MailSettingsInput,
  secretIds: Readonly<Record<SecretPurpose, string | null>>,
): MailSettingsDocument {
  const { connection, proxy } = input;
  const { authentication } = connection;
  return {
    ...input,
    connection: {
      ...connection,
      authentication:
        authentication.kind === 'none'
          ? authentication
          : { ...authentication, password: reference(secretIds.password) },
    },
    proxy: {
      ...proxy,
      server:
        proxy.server === null
          ? null
          : {
              ...proxy.server,
              password: secretIds.proxy_password === null ? null : reference(secretIds.proxy_password),
            },
    },
  };
}

function reference(secretId: string | null): { secretId: string } {
  if (secretId === null) throw new TypeError('Settings that require authentication need their password');
  return { secretId };
}

/** As it may leave: each secret as when and by whom it was set. */
export function toView(
  document: MailSettingsDocument,
  secrets: ReadonlyMap<string, SecretView>,
): MailSettingsView {
  const { connection, proxy } = document;
  const { authentication } = connection;
  const view = (id: string): SecretView =>
    secrets.get(id) ?? { setAt: new Date(0).toISOString(), setBy: 'unknown' };
  return {
    ...document,
    connection: {
      ...connection,
      authentication:
        authentication.kind === 'none'
          ? authentication
          : { ...authentication, password: view(authentication.password.secretId) },
    },
    proxy: {
      ...proxy,
      server:
        proxy.server === null
          ? null
          : {
              ...proxy.server,
              password: proxy.server.password === null ? null : view(proxy.server.password.secretId),
            },
    },
  };
}

const keep: SecretInput = { kind: 'keep' };

/** As a form starts from it: every secret kept unless the given says otherwise. */
export function toInput(
  settings: MailSettingsDocument | MailSettingsView,
  secrets: Readonly<Partial<Record<SecretPurpose, SecretInput>>> = {},
): MailSettingsInput {
  const { connection, proxy } = settings;
  const { authentication } = connection;
  return {
    ...settings,
    connection: {
      ...connection,
      authentication:
        authentication.kind === 'none'
          ? authentication
          : { ...authentication, password: secrets.password ?? keep },
    },
    proxy: {
      ...proxy,
      server: proxy.server === null ? null : { ...proxy.server, password: secrets.proxy_password ?? keep },
    },
  };
}
