import { z } from 'zod';
import { type Database, withoutTenant } from '#db/client.ts';
import { keyScopes } from '../access/roles.ts';
import type { Actor } from '../context.ts';
import { type SendingMode, sendingMode } from '../settings/schemas.ts';
import { hashToken } from './hash-token.ts';

export interface ResolvedKey {
  readonly actor: Extract<Actor, { kind: 'key' }>;
  readonly organizationId: string;
  readonly projectSlug: string;
  readonly laneId: string;
  readonly sendingMode: SendingMode | null;
  readonly allowedSenders: readonly string[] | null;
}

export type KeyResolution =
  | { readonly kind: 'resolved'; readonly key: ResolvedKey }
  | { readonly kind: 'refused'; readonly reason: 'unknown' | 'expired' | 'revoked' };

const row = z.object({
  id: z.uuid(),
  organization_id: z.uuid(),
  project_id: z.uuid(),
  project_slug: z.string(),
  lane_id: z.uuid(),
  name: z.string(),
  last_four: z.string(),
  scopes: z.array(z.enum(keyScopes)),
  sending_mode: sendingMode.nullable(),
  allowed_senders: z.array(z.string()).nullable(),
  is_expired: z.boolean(),
  is_revoked: z.boolean(),
  is_stale: z.boolean(),
});

/**
 * Whose token this is. Writes the time of use at most once a minute, so that a busy key does not turn every call into
 * an update of the same row.
 */
export async function resolveKey(database: Database, token: string): Promise<KeyResolution> {
  if (token.length > 200) return { kind: 'refused', reason: 'unknown' };
  return withoutTenant(database, async (tx) => {
    const { rows } = await tx.query(
      `select id, organization_id, project_id, project_slug, lane_id, name, last_four, scopes, sending_mode,
         allowed_senders, coalesce(expires_at <= mailroom.now(), false) as is_expired,
         revoked_at is not null as is_revoked,
         coalesce(last_used_at < mailroom.now() - interval '1 minute', true) as is_stale
       from mailroom.resolve_api_key($1)`,
      [hashToken(token)],
    );
    if (rows[0] === undefined) return { kind: 'refused', reason: 'unknown' };
    const found = row.parse(rows[0]);
    if (found.is_revoked) return { kind: 'refused', reason: 'revoked' };
    if (found.is_expired) return { kind: 'refused', reason: 'expired' };
    if (found.is_stale) await tx.query('select mailroom.touch_api_key($1)', [found.id]);
    return { kind: 'resolved', key: keyOf(found) };
  });
}

function keyOf(found: z.infer<typeof row>): ResolvedKey {
  return {
    actor: {
      kind: 'key',
      keyId: found.id,
      label: `Key ${found.name}, ends ${found.last_four}`,
      projectId: found.project_id,
      scopes: found.scopes,
    },
    organizationId: found.organization_id,
    projectSlug: found.project_slug,
    laneId: found.lane_id,
    sendingMode: found.sending_mode,
    allowedSenders: found.allowed_senders,
  };
}
