import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { applySettings, type SavedMailSettings } from './apply-settings.ts';
import { whileSending } from './check-sending.ts';
import { checkVersion } from './check-version.ts';
import { toInput } from './convert.ts';
import { documentOf, loadVersion, lockProject } from './load-settings.ts';
import type { MailSettingsDocument, MailSettingsInput, SecretInput } from './schemas.ts';

const restoreInput = z.strictObject({
  version: z.int().min(1),
  expectedVersion: z.int().min(1).nullable(),
  /** Typed anew where the restored version leads a secret to another place than the current one does. */
  password: z.string().min(1).max(4096).optional(),
  alternatePassword: z.string().min(1).max(4096).optional(),
  proxyPassword: z.string().min(1).max(4096).optional(),
  clientSecret: z.string().min(1).max(4096).optional(),
  privateKey: z.string().min(1).max(16_384).optional(),
  whileSending,
});

export interface RestoreMailSettings extends z.input<typeof restoreInput> {
  readonly project: string;
}

/**
 * Saves the values of an earlier version as a new one. Secrets are never restored: the current ones stay where their
 * destination is the same, else `secret_required` asks for them (PRODUCT 2.18).
 */
export function restoreMailSettings(
  ctx: Context,
  { project: reference, ...rest }: RestoreMailSettings,
): Promise<SavedMailSettings> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const found = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.write', found.id);
    const given = parseInput(restoreInput, rest);
    const project = requireActive(await lockProject(tx, found));
    await checkVersion(tx, project, given.expectedVersion);
    const document = documentOf(await loadVersion(tx, project, given.version));
    if (document === null) {
      throw new DomainError('wrong_state', `Version ${given.version} is empty: it cleared the settings.`);
    }
    const input = inputOf(document, given, ctx.clock.now());
    return applySettings(tx, ctx, project, {
      input,
      whileSending: given.whileSending,
      origin: 'restored',
      originDetail: { restoredVersion: given.version },
    });
  });
}

type TypedSecrets = Pick<
  z.infer<typeof restoreInput>,
  'password' | 'alternatePassword' | 'proxyPassword' | 'clientSecret' | 'privateKey'
>;

function inputOf(document: MailSettingsDocument, typed: TypedSecrets, now: Date): MailSettingsInput {
  const input = toInput(document, {
    password: secretOf(typed.password),
    alternate_password: secretOf(typed.alternatePassword),
    client_secret: secretOf(typed.clientSecret),
    private_key: secretOf(typed.privateKey),
    // A version without a proxy password goes back to none.
    proxy_password:
      document.proxy.server?.password === null ? { kind: 'remove' } : secretOf(typed.proxyPassword),
  });
  // An email debug that has ended since does not come back.
  const hasEnded = document.debug.until !== null && new Date(document.debug.until) <= now;
  return hasEnded ? { ...input, debug: { until: null } } : input;
}

function secretOf(typed: string | undefined): SecretInput {
  return typed === undefined ? { kind: 'keep' } : { kind: 'set', value: typed };
}
