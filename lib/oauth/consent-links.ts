import { and, eq, isNull, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Transaction, withoutTenant, withTenant } from '#db/client.ts';
import { consentLinks } from '#db/schema/oauth.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { actorLabel, type Context, type Services, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId, newToken } from '../ids.ts';
import { hashToken } from '../keys/hash-token.ts';
import { parseInput } from '../parse-input.ts';
import { paths } from '../paths.ts';
import { beginConsent } from './begin-consent.ts';
import { loadOauth } from './load-oauth.ts';
import type { OauthSettings } from './oauth-settings.ts';
import { rightWords, type RightWords } from './right-words.ts';

const linkInput = z.strictObject({
  project: z.string(),
  days: z.int().min(1, 'Choose 1 to 30 days.').max(30, 'Choose 1 to 30 days.').default(7),
});

/**
 * Makes the address under which the owner of the mailbox, or a Microsoft administrator, consents without an account
 * here (PRODUCT 2.20). Good once and for this mailbox; an earlier link of the project ends. The address is shown once.
 */
export function createConsentLink(
  ctx: Context,
  input: z.input<typeof linkInput>,
): Promise<{ url: string; expiresAt: Date }> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { project: reference, days } = parseInput(linkInput, input);
    const found = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'connections.consent', found.id);
    const project = requireActive(found);
    const { settings } = await loadOauth(tx, ctx, project);
    await tx.orm
      .update(consentLinks)
      .set({ revokedAt: sql`mailroom.now()` })
      .where(
        and(
          eq(consentLinks.projectId, project.id),
          isNull(consentLinks.usedAt),
          isNull(consentLinks.revokedAt),
        ),
      );
    const token = newToken();
    const [link] = await tx.orm
      .insert(consentLinks)
      .values({
        id: newId(),
        organizationId: ctx.organizationId,
        projectId: project.id,
        grantId: settings.grantId,
        tokenHash: hashToken(token),
        mailbox: settings.account,
        createdBy: actorLabel(ctx.actor),
        expiresAt: sql`mailroom.now() + make_interval(days => ${days})`,
      })
      .returning({ expiresAt: consentLinks.expiresAt });
    if (link === undefined) throw new Error('the insert of a consent link returned no row');
    await recordAudit(tx, ctx, {
      action: 'oauth.link_created',
      projectId: project.id,
      object: { kind: 'connection', id: project.id, label: project.name },
      detail: { account: settings.account, expiresAt: link.expiresAt.toISOString() },
    });
    return { url: ctx.settings.portalUrl + paths.consentLink(token), expiresAt: link.expiresAt };
  });
}

/** What the page of a link shows: who asks, for whom, and for exactly which rights. */
export interface OpenConsentLink {
  readonly organization: string;
  readonly mailbox: string;
  readonly askedBy: string;
  readonly expiresAt: Date;
  readonly provider: OauthSettings['server']['kind'];
  readonly access: OauthSettings['access'];
  readonly clientId: string;
  readonly rights: readonly RightWords[];
}

/** Opens a link for the holder of its token. Throws `expired` where it was used, has ended or leads nowhere any more. */
export async function openConsentLink(
  services: Services,
  source: Context['source'],
  token: string,
): Promise<OpenConsentLink> {
  const { link, settings } = await resolveLink(services, source, token);
  return {
    organization: link.organization,
    mailbox: settings.account,
    askedBy: link.createdBy,
    expiresAt: link.expiresAt,
    provider: settings.server.kind,
    access: settings.access,
    clientId: settings.clientId,
    rights: rightWords(settings.scopes),
  };
}

const startInput = z.strictObject({
  token: z.string().min(1).max(200),
  kind: z.enum(['mailbox', 'administrator']),
  /** A random value of this browser's own, kept in a cookie. */
  browser: z.string().min(16).max(200),
});

/** Starts the consent of a link and answers with the provider's address. */
export async function startConsentByLink(
  services: Services,
  source: Context['source'],
  input: z.input<typeof startInput>,
): Promise<{ url: string }> {
  const { token, kind, browser } = parseInput(startInput, input);
  const { ctx, link, project, settings, version } = await resolveLink(services, source, token);
  if (settings.access === 'app_only' && kind === 'mailbox') {
    throw new DomainError('wrong_state', 'This app signs in by itself; an administrator must consent.');
  }
  return beginConsent(ctx, { project, settings, version, kind, browser, linkId: link.id });
}

/** In whose name a link acts: the system, in the words of the link. */
function linkContext(
  services: Services,
  source: Context['source'],
  link: { organizationId: string; mailbox: string },
): Context {
  return {
    ...services,
    organizationId: link.organizationId,
    actor: { kind: 'system', label: `consent link for ${link.mailbox}` },
    source,
  };
}

/** Who comes back from the provider: the link that the consent under way was begun by. */
export async function linkOfConsent(
  services: Services,
  source: Context['source'],
  found: { readonly organizationId: string; readonly linkId: string | null },
): Promise<Context> {
  const { organizationId, linkId } = found;
  const { rows } = await withTenant(services.database, { organizationId, userId: null }, (tx) =>
    tx.query<{ mailbox: string }>('select mailbox from mailroom.consent_links where id = $1', [linkId]),
  );
  const [row] = rows;
  if (row === undefined) throw ended();
  return linkContext(services, source, { organizationId, mailbox: row.mailbox });
}

interface ResolvedLink {
  readonly id: string;
  readonly organization: string;
  readonly mailbox: string;
  readonly createdBy: string;
  readonly expiresAt: Date;
}

async function resolveLink(services: Services, source: Context['source'], token: string) {
  const { rows } = await withoutTenant(services.database, (tx) =>
    tx.query<{ id: string; organization_id: string; organization_name: string; project_id: string }>(
      'select id, organization_id, organization_name, project_id from mailroom.find_consent_link($1)',
      [hashToken(token)],
    ),
  );
  const [found] = rows;
  if (found === undefined) throw ended();
  const scope = { organizationId: found.organization_id, userId: null };
  return withTenant(services.database, scope, async (tx) => {
    const row = await openLink(tx, found.id);
    const link: ResolvedLink = { ...row, organization: found.organization_name };
    const ctx = linkContext(services, source, {
      organizationId: found.organization_id,
      mailbox: row.mailbox,
    });
    const project = await loadProject(tx, ctx, found.project_id);
    const oauth = await loadOauth(tx, ctx, project);
    // Pinned to the mailbox: other settings have another grant.
    if (oauth.settings.grantId !== row.grantId) throw ended();
    return { ctx, link, project, ...oauth };
  });
}

async function openLink(
  tx: Transaction,
  id: string,
): Promise<Omit<ResolvedLink, 'organization'> & { grantId: string }> {
  const { rows } = await tx.query<{
    id: string;
    mailbox: string;
    created_by: string;
    expires_at: Date;
    grant_id: string;
  }>(
    `select id, mailbox, created_by, expires_at, grant_id from mailroom.consent_links
     where id = $1 and used_at is null and revoked_at is null and expires_at > mailroom.now()`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw ended();
  return {
    id: row.id,
    mailbox: row.mailbox,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    grantId: row.grant_id,
  };
}

function ended(): DomainError {
  return new DomainError('expired', 'This link was used or has ended. Ask whoever sent it for a new one.');
}
