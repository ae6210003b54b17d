import { and, desc, eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { apiKeys } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type KeyScope, keyScopes } from '../access/roles.ts';
import { type Context, tenantScope } from '../context.ts';
import { type SendingMode, sendingMode } from '../settings/schemas.ts';

export interface KeyView {
  readonly id: string;
  readonly name: string;
  readonly lastFour: string;
  readonly scopes: readonly KeyScope[];
  /** Null: the project's own holds. */
  readonly sendingMode: SendingMode | null;
  readonly allowedSenders: readonly string[] | null;
  readonly state: 'active' | 'expired' | 'revoked';
  readonly createdAt: string;
  readonly createdBy: string;
  /** To the minute; null: never. */
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
  readonly revokedBy: string | null;
}

/** The project's API keys, newest first, the ended ones too; a token is in none of them. */
export function listKeys(ctx: Context, input: { project: string }): Promise<KeyView[]> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, 'keys.read', project.id);
    const rows = await tx.orm
      .select()
      .from(apiKeys)
      .where(and(eq(apiKeys.organizationId, ctx.organizationId), eq(apiKeys.projectId, project.id)))
      .orderBy(desc(apiKeys.id));
    return rows.map((row) => presentKey(row, ctx.clock.now()));
  });
}

function presentKey(row: typeof apiKeys.$inferSelect, now: Date): KeyView {
  return {
    id: row.id,
    name: row.name,
    lastFour: row.lastFour,
    scopes: z.array(z.enum(keyScopes)).parse(row.scopes),
    sendingMode: sendingMode.nullable().parse(row.sendingMode),
    allowedSenders: row.allowedSenders,
    state: stateOf(row, now),
    createdAt: row.createdAt.toISOString(),
    createdBy: row.createdBy,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    revokedBy: row.revokedBy,
  };
}

function stateOf(row: typeof apiKeys.$inferSelect, now: Date): KeyView['state'] {
  if (row.revokedAt !== null) return 'revoked';
  return row.expiresAt !== null && row.expiresAt <= now ? 'expired' : 'active';
}
