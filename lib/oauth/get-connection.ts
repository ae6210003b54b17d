import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import { remedyFor } from '../doctor/remedies.ts';
import type { Remedy } from '../doctor/remedy.ts';
import { parseInput } from '../parse-input.ts';
import { loadCurrentDocument } from '../settings/load-settings.ts';
import { consentingAccount } from '../settings/sign-in-rules.ts';
import { type CredentialEnd, credentialEnds, daysLeft } from './credential-ends.ts';
import { otherPortalHost, redirectUrl } from './redirect-url.ts';
import { rightWords, type RightWords } from './right-words.ts';

const connectionInput = z.strictObject({
  project: z.string(),
  /** The host under which the page is open. */
  portalHost: z.string().max(300),
});

/** The card of a connection: who consented, until when it holds, and what went wrong last. */
export interface Connection {
  readonly access: 'delegated' | 'app_only';
  readonly state: 'consent_missing' | 'connected' | 'failing';
  /** The account that must consent, and the one that did as the provider names it. */
  readonly account: string;
  readonly consentedAs: string | null;
  /** There is something to end by disconnecting. */
  readonly hasTokens: boolean;
  readonly consentedAt: string | null;
  readonly consentedBy: string | null;
  readonly grantedScope: string | null;
  readonly accessExpiresAt: string | null;
  readonly lastRenewedAt: string | null;
  readonly lastFailure: {
    readonly code: string;
    readonly at: string;
    readonly reply: string | null;
    readonly remedy: Remedy;
  } | null;
  readonly ends: readonly { kind: CredentialEnd['kind']; endsAt: string; daysLeft: number }[];
  readonly rights: readonly RightWords[];
  /** The link that is open at the moment. */
  readonly openLink: { readonly createdBy: string; readonly expiresAt: string } | null;
  readonly may: { readonly consent: boolean };
}

export interface ConnectionPage {
  readonly redirectUrl: string;
  /** The host under which the portal must be open; null where it is (PRODUCT 2.9). */
  readonly openInsteadAt: string | null;
  /** Null where the saved settings need no consent and no token. */
  readonly connection: Connection | null;
}

/** What the mail settings page says about consent and tokens. No token is in it. */
export function getConnection(ctx: Context, input: z.input<typeof connectionInput>): Promise<ConnectionPage> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { project: reference, portalHost } = parseInput(connectionInput, input);
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'settings.read', project.id);
    const document = await loadCurrentDocument(tx, project);
    const authentication = document?.connection.authentication;
    const page = {
      redirectUrl: redirectUrl(ctx),
      openInsteadAt: otherPortalHost(ctx, portalHost) === null ? null : ctx.settings.portalUrl,
    };
    if (document === null || authentication?.kind !== 'oauth') return { ...page, connection: null };
    const row = await readRow(tx, project.id, authentication.consent.grantId);
    const now = ctx.clock.now();
    return {
      ...page,
      connection: {
        access: authentication.access,
        state: stateOf(row, authentication.access),
        account: consentingAccount(document) ?? '',
        ...presentRow(row),
        ends: credentialEnds(document, row?.refresh_expires_at ?? null).map(({ kind, endsAt }) => ({
          kind,
          endsAt: endsAt.toISOString(),
          daysLeft: daysLeft(endsAt, now),
        })),
        rights: rightWords(authentication.scope.split(' ')),
        may: { consent: can(ctx.actor, 'connections.consent', project.id) },
      },
    };
  });
}

interface GrantRow {
  readonly has_tokens: boolean;
  readonly account: string | null;
  readonly scope: string | null;
  readonly consented_at: Date | null;
  readonly consented_by: string | null;
  readonly access_expires_at: Date | null;
  readonly refresh_expires_at: Date | null;
  readonly refreshed_at: Date | null;
  readonly failed_at: Date | null;
  readonly failure_code: string | null;
  readonly failure_reply: string | null;
  readonly link_by: string | null;
  readonly link_until: Date | null;
}

async function readRow(tx: Transaction, projectId: string, grantId: string): Promise<GrantRow | null> {
  const { rows } = await tx.query<GrantRow>(
    `select g.sealed is not null as has_tokens, g.account, g.scope, g.consented_at, g.consented_by,
       g.access_expires_at, g.refresh_expires_at, g.refreshed_at, g.failed_at, g.failure_code, g.failure_reply,
       l.created_by as link_by, l.expires_at as link_until
     from (values ($2::uuid)) wanted (id)
     left join mailroom.oauth_grants g on g.id = wanted.id and g.project_id = $1
     left join lateral (
       select created_by, expires_at from mailroom.consent_links c
       where c.project_id = $1 and c.grant_id = wanted.id and c.used_at is null and c.revoked_at is null
         and c.expires_at > mailroom.now()
       order by c.id desc limit 1
     ) l on true`,
    [projectId, grantId],
  );
  return rows[0] ?? null;
}

function stateOf(row: GrantRow | null, access: Connection['access']): Connection['state'] {
  if (row?.failure_code !== null && row?.failure_code !== undefined) return 'failing';
  if (row?.has_tokens === true) return 'connected';
  // An app asks for its first token when it first sends; an administrator's consent cannot be seen from here.
  return access === 'app_only' && row?.consented_at !== null && row !== null
    ? 'connected'
    : 'consent_missing';
}

function presentRow(
  row: GrantRow | null,
): Omit<Connection, 'access' | 'state' | 'account' | 'ends' | 'rights' | 'may'> {
  const failure = row?.failure_code ?? null;
  return {
    consentedAs: row?.account ?? null,
    hasTokens: row?.has_tokens === true,
    consentedAt: row?.consented_at?.toISOString() ?? null,
    consentedBy: row?.consented_by ?? null,
    grantedScope: row?.scope ?? null,
    accessExpiresAt: row?.access_expires_at?.toISOString() ?? null,
    lastRenewedAt: row?.refreshed_at?.toISOString() ?? null,
    lastFailure:
      failure === null || row?.failed_at === null || row === null
        ? null
        : {
            code: failure,
            at: row.failed_at.toISOString(),
            reply: row.failure_reply,
            remedy: remedyFor(failure),
          },
    openLink:
      row?.link_by === null || row?.link_until === null || row === null
        ? null
        : { createdBy: row.link_by, expiresAt: row.link_until.toISOString() },
  };
}
