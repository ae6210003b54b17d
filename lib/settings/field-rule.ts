import type { AnyMailSettings } from './schemas.ts';

/** What one field of the settings is to history, comparison, save bar and the rule on kept secrets. Pure. */

export const secretPurposes = [
  'password',
  'alternate_password',
  'proxy_password',
  'client_secret',
  'private_key',
] as const;
export type SecretPurpose = (typeof secretPurposes)[number];

/** What must not follow to another place: the saved secrets, and the consent with its tokens. */
export type Carried = SecretPurpose | 'consent';

/** What a field leads somewhere, and whether a change leads it to a place that it was not saved for. */
export interface Destination {
  readonly of: readonly Carried[];
  readonly moved: (before: AnyMailSettings, after: AnyMailSettings, of: Carried) => boolean;
}

export interface FieldRule {
  /** The value as JSON compares it; null: the field does not apply or is blank. */
  readonly value: (settings: AnyMailSettings) => unknown;
  /** How a value other than null reads; without it, the value itself. */
  readonly text?: (settings: AnyMailSettings) => string;
  /** The secret that the field holds; its value is never read. */
  readonly secret?: SecretPurpose;
  readonly destination?: Destination;
}

type Connection = AnyMailSettings['connection'];
type Oauth = Extract<Connection['authentication'], { readonly kind: 'oauth' }>;

export function smtpOf({ connection }: AnyMailSettings): Extract<Connection, { kind: 'smtp' }> | null {
  return connection.kind === 'smtp' ? connection : null;
}

export function ewsOf({ connection }: AnyMailSettings): Extract<Connection, { kind: 'ews' }> | null {
  return connection.kind === 'ews' ? connection : null;
}

export function graphOf({ connection }: AnyMailSettings): Extract<Connection, { kind: 'graph' }> | null {
  return connection.kind === 'graph' ? connection : null;
}

export function oauthOf({ connection }: AnyMailSettings): Oauth | null {
  return connection.authentication.kind === 'oauth' ? connection.authentication : null;
}

/** The user name that goes with a password or a token; null where there is none (Graph has a mailbox instead). */
export function userNameOf({ connection }: AnyMailSettings): string | null {
  const { authentication } = connection;
  return 'userName' in authentication ? authentication.userName : null;
}

/** Another value than before; where the field applied on one side only, the field that swapped says so. */
export function differs(
  read: (settings: AnyMailSettings) => string | number | boolean | null | undefined,
): Destination['moved'] {
  return (before, after) => {
    const [from, to] = [read(before), read(after)];
    return from !== undefined && to !== undefined && from !== to;
  };
}
