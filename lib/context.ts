import type { Database } from '#db/client.ts';
import type { Clock } from './clock.ts';
import type { KeyScope, Role } from './access/roles.ts';
import type { Keyring } from './secrets/keyring.ts';

/** Who acts. A user is always seen through one membership, a key through its project. */
export type Actor =
  | {
      readonly kind: 'user';
      readonly userId: string;
      readonly email: string;
      readonly role: Role;
      /** Null: every project of the organization. */
      readonly projectIds: readonly string[] | null;
    }
  | {
      readonly kind: 'key';
      readonly keyId: string;
      readonly label: string;
      readonly projectId: string;
      readonly scopes: readonly KeyScope[];
    }
  | { readonly kind: 'operator'; readonly label: string }
  | { readonly kind: 'system'; readonly label: string };

/** Written to by name and fields, never by string building; secrets are redacted by the logger that stands behind it. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void;
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What the process brings along: made once at its start, the same for every request and job. */
export interface Services {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly keyring: Keyring;
  readonly settings: {
    /** Public address of the portal, without a trailing slash. */
    readonly portalUrl: string;
    /** Name that the worker says in EHLO. */
    readonly ehloName: string;
    /** Private addresses that the operator lets mail servers have: CIDR or host, optionally with a port. */
    readonly allowedAddresses: readonly string[];
    readonly maxMessageBytes: number;
  };
}

/** What every verb of a tenant gets first. */
export interface Context extends Services {
  readonly organizationId: string;
  readonly actor: Actor;
  readonly source: { readonly ip: string | null; readonly userAgent: string | null };
}

/** Mailroom itself, acting for one tenant. */
export function systemContext(
  services: Services,
  { organizationId }: { readonly organizationId: string },
): Context {
  return {
    ...services,
    organizationId,
    actor: { kind: 'system', label: 'Mailroom' },
    source: { ip: null, userAgent: null },
  };
}

/** How the actor is called in histories and banners. */
export function actorLabel(actor: Actor): string {
  switch (actor.kind) {
    case 'user':
      return actor.email;
    case 'key':
    case 'operator':
    case 'system':
      return actor.label;
    default:
      return actor satisfies never;
  }
}

/** The id behind the actor where there is one row for it. */
export function actorId(actor: Actor): string | null {
  switch (actor.kind) {
    case 'user':
      return actor.userId;
    case 'key':
      return actor.keyId;
    case 'operator':
    case 'system':
      return null;
    default:
      return actor satisfies never;
  }
}

/** The scope for `withTenant` that belongs to this context. */
export function tenantScope(ctx: Context): { organizationId: string; userId: string | null } {
  return { organizationId: ctx.organizationId, userId: ctx.actor.kind === 'user' ? ctx.actor.userId : null };
}
