import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { apiKeys } from '#db/schema/projects.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { keyScopes } from '../access/roles.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, tenantScope } from '../context.ts';
import { invalidField } from '../errors.ts';
import { newId, newToken } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { hashToken } from './hash-token.ts';
import { addressPattern, sendingMode } from '../settings/schemas.ts';

export const createKeyInput = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1, 'Give the key a name.')
    .max(80, 'A name has at most 80 characters.')
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'A name is one line, without control characters.'),
  scopes: z
    .array(z.enum(keyScopes))
    .min(1, 'Choose at least one scope.')
    .transform((scopes) => keyScopes.filter((scope) => scopes.includes(scope))),
  /** An instant; the key ends then. */
  expiresAt: z.iso
    .datetime({ offset: true, message: 'Give a date and time such as 2027-01-31T12:00:00Z.' })
    .nullish(),
  /** Narrower than the project's; the stricter of both holds. */
  sendingMode: sendingMode.nullish(),
  /** Addresses and domains that From may carry with this key; without it, the project's. */
  allowedSenders: z.array(addressPattern).min(1).max(200).nullish(),
});
export type CreateKey = z.input<typeof createKeyInput> & { readonly project: string };

export interface CreatedKey {
  readonly id: string;
  readonly name: string;
  /** Shown once: only its hash is kept. */
  readonly token: string;
  readonly lastFour: string;
}

const tokenPrefix = 'mr_live_';

/** Makes an API key of the project and answers with its token, the only time that it is told. */
export function createKey(ctx: Context, { project: reference, ...rest }: CreateKey): Promise<CreatedKey> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'keys.write', project.id);
    requireActive(project);
    const given = parseInput(createKeyInput, rest);
    const expiresAt = typeof given.expiresAt === 'string' ? new Date(given.expiresAt) : null;
    if (expiresAt !== null && expiresAt <= ctx.clock.now()) {
      throw invalidField('expiresAt', 'The end of the key lies in the past.');
    }
    const token = tokenPrefix + newToken();
    const key = { id: newId(), name: given.name, lastFour: token.slice(-4) };
    await tx.orm.insert(apiKeys).values({
      ...key,
      organizationId: ctx.organizationId,
      projectId: project.id,
      tokenHash: hashToken(token),
      scopes: given.scopes,
      sendingMode: given.sendingMode ?? null,
      allowedSenders: given.allowedSenders ?? null,
      createdBy: actorLabel(ctx.actor),
      expiresAt,
    });
    await recordAudit(tx, ctx, {
      action: 'key.created',
      projectId: project.id,
      object: { kind: 'key', id: key.id, label: key.name },
      detail: {
        lastFour: key.lastFour,
        scopes: given.scopes,
        expiresAt: expiresAt?.toISOString() ?? null,
        sendingMode: given.sendingMode ?? null,
        allowedSenders: given.allowedSenders ?? null,
      },
    });
    return { ...key, token };
  });
}
