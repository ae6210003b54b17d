import { asWorker, withTenant } from '#db/client.ts';
import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { openMailSettings } from '../settings/open-mail-settings.ts';
import { type GrantOwner, takeRefreshTurn } from './grant-store.ts';
import { oauthSettings } from './oauth-settings.ts';
import { refreshInTurn, turnSeconds } from './refresh-in-turn.ts';

const batch = 100;
const atOnce = 4;

interface DueGrant extends GrantOwner {
  readonly version: number | null;
}

/**
 * Renews the tokens whose day has come although nobody sends (PRODUCT 2.19): a refresh token that lies idle dies, at
 * Microsoft after 90 days. Each is renewed at least daily, so a consent that was withdrawn is known within a day. For
 * the worker's timer; answers with how many were asked for.
 */
export async function renewDueTokens(services: Services): Promise<number> {
  const due = await dueGrants(services);
  const waiting = [...due];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await renew(services, next);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return due.length;
}

async function dueGrants({ database }: Services): Promise<DueGrant[]> {
  const { rows } = await asWorker(database, (tx) =>
    tx.query<{ id: string; organization_id: string; project_id: string; version: number | null }>(
      `select g.id, g.organization_id, g.project_id, v.version
       from mailroom.oauth_grants g
       join mailroom.projects p on p.id = g.project_id
       left join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
         and v.document #>> '{connection,authentication,consent,grantId}' = g.id::text
       where g.renew_at <= mailroom.now()
       order by g.renew_at limit ${batch}`,
    ),
  );
  return rows.map((row) => ({
    grantId: row.id,
    organizationId: row.organization_id,
    projectId: row.project_id,
    version: row.version,
  }));
}

async function renew(services: Services, due: DueGrant): Promise<void> {
  const { organizationId, projectId, version } = due;
  const scope = { organizationId, userId: null };
  try {
    if (version === null) return await stopRenewing(services, due);
    const opened = await withTenant(services.database, scope, (tx) =>
      openMailSettings(tx, services.keyring, { organizationId, projectId, version }),
    );
    const settings = oauthSettings(opened, services.settings);
    if (settings === null) return await stopRenewing(services, due);
    const turn = await withTenant(services.database, scope, (tx) =>
      takeRefreshTurn(tx, services.keyring, due, turnSeconds),
    );
    if (turn === null || turn.tokens === null) return;
    const result = await refreshInTurn(services, due, settings, turn);
    if (!result.ok) {
      services.log.warn({ projectId, code: result.refusal.fault.code }, 'a token could not be renewed');
    }
  } catch (error) {
    // One connection whose secret cannot be opened must not keep the others from being renewed.
    if (!(error instanceof DomainError)) throw error;
    services.log.warn({ projectId, code: error.code }, 'a token could not be renewed');
  }
}

// Newer settings have another grant; this one serves only the mail that is still under way.
async function stopRenewing({ database }: Services, { grantId }: GrantOwner): Promise<void> {
  await asWorker(database, (tx) =>
    tx.query('update mailroom.oauth_grants set renew_at = null where id = $1', [grantId]),
  );
}
