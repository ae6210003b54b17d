import { type Transaction, withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { type Context, tenantScope } from '../context.ts';
import { remedyFor } from '../doctor/remedies.ts';
import type { Remedy } from '../doctor/remedy.ts';
import { credentialEnds, daysLeft } from '../oauth/credential-ends.ts';
import { connectionFacts } from '../settings/connection-facts.ts';
import { mailSettingsDocument, type MailSettingsDocument } from '../settings/schemas.ts';
import {
  type ConnectionState,
  connectionStates,
  decideConnectionState,
  isSoon,
  type KnownEnd,
} from './connection-health.ts';
import { failedWay, storedProof, type StoredProof } from './proof-schema.ts';

export interface ConnectionView {
  readonly projectId: string;
  readonly slug: string;
  readonly name: string;
  readonly state: ConnectionState;
  readonly transport: 'smtp' | 'smtps' | 'ews' | 'graph' | null;
  readonly server: { readonly host: string; readonly port: number } | null;
  /** `ok` null: not proved by the settings that stand now. */
  readonly alternate: { readonly host: string; readonly ok: boolean | null } | null;
  readonly proxy: { readonly host: string; readonly port: number } | null;
  /** The next one first. */
  readonly ends: readonly (KnownEnd & { readonly isSoon: boolean })[];
  readonly lastOkAt: string | null;
  /** The last error, though it works again since. */
  readonly lastError: {
    readonly at: string;
    readonly code: string;
    readonly reply: string | null;
    readonly remedy: Remedy;
    readonly isAlternate: boolean;
  } | null;
  readonly may: { readonly prove: boolean };
}

/** The health of every connection that the reader may see (PRODUCT 2.19), trouble first. Archived projects are left out. */
export function listConnections(ctx: Context): Promise<readonly ConnectionView[]> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    requirePermission(ctx, 'organization.read', null);
    const now = ctx.clock.now();
    return (await selectConnections(tx))
      .filter(({ id }) => can(ctx.actor, 'settings.read', id))
      .map((row) => present(ctx, row, now))
      .toSorted(byTrouble);
  });
}

interface ConnectionRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly document: unknown;
  readonly is_current: boolean | null;
  readonly ok: boolean | null;
  readonly proof: unknown;
  readonly last_ok_at: Date | null;
  readonly last_failed_at: Date | null;
  readonly failure_code: string | null;
  readonly failure_reply: string | null;
  readonly has_tokens: boolean | null;
  readonly refresh_expires_at: Date | null;
}

async function selectConnections(tx: Transaction): Promise<readonly ConnectionRow[]> {
  const { rows } = await tx.query<ConnectionRow>(
    `select p.id, p.slug, p.name, v.document, c.settings_version = p.settings_version as is_current, c.ok, c.proof,
       c.last_ok_at, c.last_failed_at, c.failure_code, c.failure_reply, g.sealed is not null as has_tokens,
       g.refresh_expires_at
     from mailroom.projects p
     left join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
     left join mailroom.connection_proofs c on c.project_id = p.id
     left join mailroom.oauth_grants g
       on g.id = (v.document #>> '{connection,authentication,consent,grantId}')::uuid and g.project_id = p.id
     where p.organization_id = mailroom.current_organization() and p.archived_at is null`,
  );
  return rows;
}

function present(ctx: Context, row: ConnectionRow, now: Date): ConnectionView {
  const parsed = mailSettingsDocument.safeParse(row.document);
  const settings = parsed.success ? parsed.data : null;
  const isCurrent = row.is_current === true;
  const read = isCurrent ? storedProof.safeParse(row.proof) : null;
  const proof = read?.success === true ? read.data : null;
  const facts = settings === null ? null : connectionFacts(settings);
  const ends = settings === null ? [] : endsOf(settings, row.refresh_expires_at, proof, now);
  return {
    projectId: row.id,
    slug: row.slug,
    name: row.name,
    state: decideConnectionState({
      isSetUp: settings !== null,
      isConsentMissing: settings !== null && lacksConsent(settings, row),
      ok: isCurrent ? row.ok : null,
      ends,
    }),
    transport: facts?.transport ?? null,
    server: facts === null ? null : { host: facts.host, port: facts.port },
    alternate:
      facts === null || facts.alternateHost === null
        ? null
        : { host: facts.alternateHost, ok: proof?.alternate?.ok ?? null },
    proxy: settings === null ? null : proxyOf(settings),
    ends: ends.map((end) => ({ ...end, isSoon: isSoon(end) })),
    lastOkAt: row.last_ok_at?.toISOString() ?? null,
    lastError: errorOf(row, proof),
    may: { prove: settings !== null && can(ctx.actor, 'settings.test', row.id) },
  };
}

function lacksConsent({ connection }: MailSettingsDocument, row: ConnectionRow): boolean {
  const { authentication } = connection;
  return authentication.kind === 'oauth' && authentication.access === 'delegated' && row.has_tokens !== true;
}

function proxyOf({ proxy }: MailSettingsDocument): ConnectionView['proxy'] {
  if (!proxy.use || proxy.server === null) return null;
  return { host: proxy.server.host, port: proxy.server.port };
}

function endsOf(
  settings: MailSettingsDocument,
  refreshExpiresAt: Date | null,
  proof: StoredProof | null,
  now: Date,
): KnownEnd[] {
  const known: { kind: KnownEnd['kind']; endsAt: Date }[] = credentialEnds(settings, refreshExpiresAt);
  const served = [
    ['server_certificate', proof?.primary.certificate],
    ['alternate_certificate', proof?.alternate?.certificate],
  ] as const;
  for (const [kind, certificate] of served) {
    if (certificate !== null && certificate !== undefined)
      known.push({ kind, endsAt: new Date(certificate.endsAt) });
  }
  return known
    .toSorted((a, b) => a.endsAt.getTime() - b.endsAt.getTime())
    .map(({ kind, endsAt }) => ({ kind, endsAt: endsAt.toISOString(), daysLeft: daysLeft(endsAt, now) }));
}

function errorOf(row: ConnectionRow, proof: StoredProof | null): ConnectionView['lastError'] {
  if (row.last_failed_at === null || row.failure_code === null) return null;
  const failed = proof === null ? null : failedWay(proof);
  return {
    at: row.last_failed_at.toISOString(),
    code: row.failure_code,
    reply: row.failure_reply,
    remedy: remedyFor(row.failure_code),
    isAlternate: failed?.way === 'alternate',
  };
}

function byTrouble(a: ConnectionView, b: ConnectionView): number {
  const byState = connectionStates.indexOf(a.state) - connectionStates.indexOf(b.state);
  return byState || a.name.localeCompare(b.name);
}
