import type { Database } from '#db/client.ts';
import type { Context, Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { hashToken } from '../keys/hash-token.ts';
import { type ResolvedKey, resolveKey } from '../keys/resolve-key.ts';

const keptMs = 5_000;
const kept = new WeakMap<Database, Map<string, { readonly untilMs: number; readonly key: ResolvedKey }>>();

export interface AuthenticateOptions {
  /** True where the verb itself checks the key again in its statement: then the look-up may be five seconds old. */
  readonly mayBeKept: boolean;
}

/** The context of the key in `Authorization: Bearer …`. Throws `unauthenticated`. */
export async function authenticateKey(
  services: Services,
  authorization: string | null,
  source: Context['source'],
  options: AuthenticateOptions,
): Promise<Context> {
  const token = /^Bearer ([A-Za-z0-9_-]{20,200})$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) {
    throw new DomainError('unauthenticated', 'Send the project’s API key as "Authorization: Bearer …".');
  }
  const key = await findKey(services, token, options);
  return { ...services, organizationId: key.organizationId, actor: key.actor, source };
}

async function findKey(
  services: Services,
  token: string,
  options: AuthenticateOptions,
): Promise<ResolvedKey> {
  const keys = kept.get(services.database) ?? new Map<string, { untilMs: number; key: ResolvedKey }>();
  kept.set(services.database, keys);
  const nowMs = services.clock.monotonicMs();
  const name = hashToken(token).toString('base64');
  const found = keys.get(name);
  if (options.mayBeKept && found !== undefined && found.untilMs > nowMs) return found.key;
  const resolution = await resolveKey(services.database, token);
  if (resolution.kind === 'refused') {
    keys.delete(name);
    throw new DomainError('unauthenticated', refusals[resolution.reason]);
  }
  if (keys.size > 1_000) keys.clear();
  keys.set(name, { untilMs: nowMs + keptMs, key: resolution.key });
  return resolution.key;
}

const refusals = {
  unknown: 'There is no such API key.',
  expired: 'The API key has ended.',
  revoked: 'The API key was revoked.',
} as const;
