import type { Transaction } from '#db/client.ts';
import { DomainError } from '../errors.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { SecretPurpose } from './field-rule.ts';
import { documentOf } from './load-settings.ts';
import { savedSecretId } from './plan-secrets.ts';
import { secretBinding } from './seal-secrets.ts';
import type { MailSettingsDocument } from './schemas.ts';

/** One version of the settings with its secrets in clear: for transports only, never for a page or a log. */
export interface OpenedMailSettings {
  readonly version: number;
  readonly document: MailSettingsDocument;
  readonly password: string | null;
  /** For the alternate server alone, where it has a sign-in of its own. */
  readonly alternatePassword: string | null;
  readonly proxyPassword: string | null;
  readonly clientSecret: string | null;
  readonly privateKey: string | null;
}

export interface VersionReference {
  readonly organizationId: string;
  readonly projectId: string;
  readonly version: number;
}

/**
 * Opens one version in one query. Throws `not_set_up` where the version was cleared or never was, and `unavailable`
 * where a secret was destroyed or cannot be opened: a failed open fails closed.
 */
export async function openMailSettings(
  tx: Transaction,
  keyring: Keyring,
  { organizationId, projectId, version }: VersionReference,
): Promise<OpenedMailSettings> {
  const { rows } = await tx.query<{ document: unknown; secrets: SealedRow[] }>(
    `select v.document, coalesce((
       select jsonb_agg(jsonb_build_object('id', s.id, 'keyId', s.key_id, 'sealed', encode(s.sealed, 'base64')))
       from mailroom.secrets s
       where s.project_id = v.project_id and s.organization_id = v.organization_id and s.sealed is not null
     ), '[]'::jsonb) as secrets
     from mailroom.mail_settings_versions v
     where v.organization_id = $1 and v.project_id = $2 and v.version = $3`,
    [organizationId, projectId, version],
  );
  const [row] = rows;
  const document = row === undefined ? null : documentOf(row);
  if (row === undefined || document === null) {
    throw new DomainError('not_set_up', 'The mail settings of this project are not set up.');
  }
  const open = (purpose: SecretPurpose): string | null => {
    const secretId = savedSecretId(purpose, document);
    if (secretId === null) return null;
    const sealed = row.secrets.find(({ id }) => id === secretId);
    if (sealed === undefined) {
      throw new DomainError(
        'unavailable',
        `The secret of version ${version} of these settings was destroyed.`,
      );
    }
    return openSecret(keyring, sealed, secretBinding({ organizationId, projectId, purpose }));
  };
  return {
    version,
    document,
    password: open('password'),
    alternatePassword: open('alternate_password'),
    proxyPassword: open('proxy_password'),
    clientSecret: open('client_secret'),
    privateKey: open('private_key'),
  };
}

interface SealedRow {
  readonly id: string;
  readonly keyId: string;
  readonly sealed: string;
}

function openSecret(keyring: Keyring, { keyId, sealed }: SealedRow, binding: string): string {
  try {
    return keyring.open({ keyId, sealed: Buffer.from(sealed, 'base64') }, binding);
  } catch (cause) {
    throw new DomainError(
      'unavailable',
      `A secret of these settings cannot be opened with the keys that this process has (sealed by ${keyId}).`,
      { cause },
    );
  }
}
