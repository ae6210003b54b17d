import { asOwner, type Database } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import type { EwsSimulator } from '#tests/servers/ews/simulator.ts';
import type { GraphServer } from '#tests/servers/graph/server.ts';
import type { Issuer } from '#tests/servers/oauth/issuer.ts';
import type { TestProject } from '#tests/support/factories.ts';
import { quickRetry } from '#tests/integration/queue/queue-scene.ts';
import {
  authority,
  comeBack,
  mailbox,
  oauthInput,
  saveOauth,
  walkConsent,
} from '#tests/integration/oauth/oauth-scene.ts';

export const password = 'the-password-of-the-mailbox';
/** What the simulators of these tests let sign in. */
export const ewsUsers = [{ userName: mailbox, domain: '', password, mailbox }];

type Changes = Partial<Pick<MailSettingsFields, 'debug' | 'proxy'>> & {
  readonly uncertain?: 'resend' | 'resend_at_once' | 'hold';
};

function rest(changes: Changes): Omit<MailSettingsFields, 'connection'> {
  return {
    sender: { name: 'Billing', address: mailbox, replyTo: null },
    proxy: changes.proxy ?? { use: false, server: null },
    debug: changes.debug ?? { until: null },
    sending: {
      mode: { kind: 'live' },
      allowedSenders: [],
      otherSenders: 'refuse',
      uncertain: changes.uncertain ?? 'resend',
      retry: quickRetry,
    },
  };
}

/** EWS with a password, as a form hands it in. */
export function ewsInput(
  exchange: Pick<EwsSimulator, 'url' | 'certificate'>,
  changes: Changes = {},
): MailSettingsFields {
  return {
    ...rest(changes),
    connection: {
      kind: 'ews',
      connectUrl: exchange.url,
      checkCertificate: true,
      customCa: exchange.certificate,
      maxConnections: 2,
      saveToSentItems: true,
      anchorMailbox: null,
      impersonatedMailbox: null,
      authentication: {
        kind: 'basic',
        scheme: 'basic',
        userName: mailbox,
        password: { kind: 'set', value: password },
      },
    },
  };
}

/** EWS with a consent at this issuer. */
export function ewsOauthInput(
  exchange: Pick<EwsSimulator, 'url' | 'certificate'>,
  issuer: Issuer,
  changes: Changes = {},
): MailSettingsFields {
  const input = ewsInput(exchange, changes);
  const { connection } = oauthInput('microsoft', issuer);
  if (connection.kind !== 'smtp' || connection.authentication.kind !== 'oauth') throw new Error('no OAuth');
  if (input.connection.kind !== 'ews') throw new Error('no EWS');
  const scope = 'https://outlook.office365.com/EWS.AccessAsUser.All offline_access';
  return {
    ...input,
    connection: {
      ...input.connection,
      // One authority for the mail server, one for the authorization server.
      customCa: `${exchange.certificate}\n${authority.cert}`,
      authentication: { ...connection.authentication, scope },
    },
  };
}

/** Graph with a consent at this issuer, as a form hands it in. */
export function graphInput(
  graph: Pick<GraphServer, 'endpoint'>,
  issuer: Issuer,
  changes: Changes = {},
): MailSettingsFields {
  const { connection } = oauthInput('microsoft', issuer);
  if (connection.kind !== 'smtp' || connection.authentication.kind !== 'oauth') throw new Error('no OAuth');
  const { userName: _, server, ...oauth } = connection.authentication;
  if (server.kind !== 'microsoft') throw new Error('not Microsoft');
  return {
    ...rest(changes),
    connection: {
      kind: 'graph',
      endpoint: graph.endpoint,
      mailbox,
      customCa: authority.cert,
      saveToSentItems: true,
      proveOnce: false,
      requestsCountedBy: 'client_and_mailbox',
      authentication: { ...oauth, server, scope: 'Mail.ReadWrite, Mail.Send.Shared, offline_access' },
    },
  };
}

/** Graph's side of that issuer: whose tokens it knows, and what they may do. */
export function graphReader(issuer: Issuer) {
  return async (token: string) => {
    const known = await issuer.readToken(token);
    if (known === null) return null;
    return { clientId: 'mailroom', mailbox: known.account, scopes: known.scope.split(' ') };
  };
}

export async function consent(ctx: Context, project: TestProject): Promise<void> {
  const finished = await comeBack(ctx, await walkConsent(ctx, project));
  if (!finished.ok) throw new Error(JSON.stringify(finished.fault));
}

export const save = saveOauth;

export interface StoredAttempt {
  readonly outcome: string;
  readonly code: string | null;
  readonly repeat: boolean;
  readonly changes: unknown;
  readonly transcript: unknown;
}

export async function storedAttempts(database: Database, projectId: string): Promise<StoredAttempt[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<StoredAttempt>(
      `select outcome, code, repeat, changes, transcript from mailroom.attempts where project_id = $1 order by id`,
      [projectId],
    ),
  );
  return rows;
}

/** How often the project's mails were counted in the limits of their day, and their repeats. */
export async function countedMails(
  database: Database,
  projectId: string,
): Promise<{ counted: number; repeats: number }> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ counted: number; repeats: number }>(
      `select (select coalesce(sum(u.mails), 0)::int from mailroom.limit_usage u
         join mailroom.limit_scopes s on s.id = u.scope_id where s.project_id = $1) as counted,
        (select coalesce(sum(repeat_count), 0)::int from mailroom.messages where project_id = $1) as repeats`,
      [projectId],
    ),
  );
  return rows[0] ?? { counted: 0, repeats: 0 };
}
