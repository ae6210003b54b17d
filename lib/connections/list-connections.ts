import { type Transaction, withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { type Context, tenantScope } from '../context.ts';
import { remedyFor } from '../doctor/remedies.ts';
import type { Remedy } from '../doctor/remedy.ts';
import { connectionFacts } from '../settings/connection-facts.ts';
import { mailSettingsDocument, type MailSettingsDocument } from '../settings/schemas.ts';
import { type ConnectionState, connectionStates, isSoon, type KnownEnd } from './connection-health.ts';
import { healthColumns, healthJoins, type HealthRow, readHealth } from './read-health.ts';

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

interface ConnectionRow extends HealthRow {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly document: unknown;
}

async function selectConnections(tx: Transaction): Promise<readonly ConnectionRow[]> {
  const { rows } = await tx.query<ConnectionRow>(
    `select p.id, p.slug, p.name, v.document, ${healthColumns}
     from mailroom.projects p
     left join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
     ${healthJoins}
     where p.organization_id = mailroom.current_organization() and p.archived_at is null`,
  );
  return rows;
}

function present(ctx: Context, row: ConnectionRow, now: Date): ConnectionView {
  const parsed = mailSettingsDocument.safeParse(row.document);
  const settings = parsed.success ? parsed.data : null;
  const facts = settings === null ? null : connectionFacts(settings);
  const { state, ends, proof, lastError } = readHealth(row, settings, now);
  return {
    projectId: row.id,
    slug: row.slug,
    name: row.name,
    state,
    transport: facts?.transport ?? null,
    server: facts === null ? null : { host: facts.host, port: facts.port },
    alternate:
      facts === null || facts.alternateHost === null
        ? null
        : { host: facts.alternateHost, ok: proof?.alternate?.ok ?? null },
    proxy: settings === null ? null : proxyOf(settings),
    ends: ends.map((end) => ({ ...end, isSoon: isSoon(end) })),
    lastOkAt: row.last_ok_at?.toISOString() ?? null,
    lastError:
      lastError === null
        ? null
        : { ...lastError, at: lastError.at.toISOString(), remedy: remedyFor(lastError.code) },
    may: { prove: settings !== null && can(ctx.actor, 'settings.test', row.id) },
  };
}

function proxyOf({ proxy }: MailSettingsDocument): ConnectionView['proxy'] {
  if (!proxy.use || proxy.server === null) return null;
  return { host: proxy.server.host, port: proxy.server.port };
}

function byTrouble(a: ConnectionView, b: ConnectionView): number {
  const byState = connectionStates.indexOf(a.state) - connectionStates.indexOf(b.state);
  return byState || a.name.localeCompare(b.name);
}
