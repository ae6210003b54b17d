import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { parseInput } from '../parse-input.ts';
import { documentOf } from '../settings/load-settings.ts';
import { consentingAccount } from '../settings/sign-in-rules.ts';
import { endGrant, type GrantOwner, readGrant } from './grant-store.ts';
import { loadOauth } from './load-oauth.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { type ProviderRevocation, revokeAtProvider } from './revoke-token.ts';

const disconnectInput = z.strictObject({ project: z.string() });

/**
 * What became of the consent at the provider. `shared`: another project of the organization sends by the same app and
 * mailbox, and would have lost it too; `nothing`: there was no token to take back.
 */
export type Revocation = ProviderRevocation | 'shared' | 'nothing';

/**
 * Ends the consent: both tokens are destroyed here at once, and mail waits until somebody consents again. Then the
 * provider is told, where it takes tokens back; whatever it answers, the consent has ended here.
 */
export async function disconnect(
  ctx: Context,
  input: z.input<typeof disconnectInput>,
): Promise<{ readonly revocation: Revocation }> {
  const ended = await withTenant(ctx.database, tenantScope(ctx), (tx) => endHere(tx, ctx, input));
  const { refreshToken, settings, project } = ended;
  if (refreshToken === null) return { revocation: 'nothing' };
  const revocation = ended.isShared ? 'shared' : await revokeAtProvider(settings, refreshToken);
  await withTenant(ctx.database, tenantScope(ctx), (tx) =>
    recordAudit(tx, ctx, {
      action: 'oauth.provider_told',
      projectId: project.id,
      object: { kind: 'connection', id: project.id, label: project.name },
      detail: { account: settings.account, revocation },
    }),
  );
  return { revocation };
}

interface Ended {
  readonly project: { readonly id: string; readonly name: string };
  readonly settings: OauthSettings;
  readonly refreshToken: string | null;
  readonly isShared: boolean;
}

async function endHere(
  tx: Transaction,
  ctx: Context,
  input: z.input<typeof disconnectInput>,
): Promise<Ended> {
  const given = parseInput(disconnectInput, input);
  const project = await loadProject(tx, ctx, given.project);
  requirePermission(ctx, 'connections.consent', project.id);
  const { owner, settings } = await loadOauth(tx, ctx, project);
  const refreshToken = await heldRefreshToken(tx, ctx, owner);
  await endGrant(tx, owner);
  await recordAudit(tx, ctx, {
    action: 'oauth.disconnected',
    projectId: project.id,
    object: { kind: 'connection', id: project.id, label: project.name },
    detail: { account: settings.account },
  });
  const isShared = refreshToken !== null && (await sharesConsent(tx, owner, settings));
  return { project, settings, refreshToken, isShared };
}

/** Tokens that cannot be opened must not keep a person from ending them. */
async function heldRefreshToken(
  tx: Transaction,
  { keyring }: Context,
  owner: GrantOwner,
): Promise<string | null> {
  const grant = await readGrant(tx, keyring, owner).catch(() => null);
  return grant?.tokens?.refreshToken ?? null;
}

/** A provider that takes one token back may end all that the account gave to the app (RFC 7009 2.1; Google does). */
async function sharesConsent(tx: Transaction, owner: GrantOwner, settings: OauthSettings): Promise<boolean> {
  const { rows } = await tx.query<{ document: unknown }>(
    `select v.document from mailroom.projects p
     join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
     join mailroom.oauth_grants g on g.project_id = p.id and g.sealed is not null
       and g.id = (v.document #>> '{connection,authentication,consent,grantId}')::uuid
     where p.organization_id = $1 and p.id <> $2 and v.document #>> '{connection,authentication,clientId}' = $3`,
    [owner.organizationId, owner.projectId, settings.clientId],
  );
  return rows.some((row) => {
    const document = documentOf(row);
    return document !== null && consentingAccount(document)?.toLowerCase() === settings.account.toLowerCase();
  });
}
