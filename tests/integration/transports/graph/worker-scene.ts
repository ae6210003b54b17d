import type { Context } from '#lib/context.ts';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { makeIssuer, mailbox, authority, oauthInput } from '#tests/integration/oauth/oauth-scene.ts';
import type { Scene } from '#tests/integration/queue/queue-scene.ts';
import { allScopes } from '#tests/servers/graph/options.ts';
import type { Delivery } from '#tests/servers/graph/mailbox.ts';
import { startGraphServer, type GraphServer } from '#tests/servers/graph/server.ts';
import type { GraphSwitches, GraphToken } from '#tests/servers/graph/settings.ts';
import type { Issuer } from '#tests/servers/oauth/issuer.ts';
import type { TestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';

export interface GraphScene extends Scene {
  readonly ctx: Context;
  readonly graph: GraphServer;
  readonly mailbox: string;
  close(): Promise<void>;
}

export interface GraphSceneChanges {
  readonly proveOnce: boolean;
  readonly switches?: Partial<GraphSwitches>;
  readonly onDelivery?: (delivery: Delivery) => void;
}

/** A project that sends through the Graph simulator as an app, its settings saved as a person does. */
export async function makeGraphScene(
  { database }: TestDatabase,
  changes: GraphSceneChanges,
): Promise<GraphScene> {
  const issuer = await makeIssuer('microsoft');
  const graph = await startGraphServer({
    authority,
    mailboxes: [mailbox],
    ...(changes.switches === undefined ? {} : { switches: changes.switches }),
    ...(changes.onDelivery === undefined ? {} : { onDelivery: changes.onDelivery }),
    readToken: appTokens(issuer),
  });
  const organization = await makeOrganization(database);
  const project = await makeProject(database, organization);
  const ctx = contextOf(testServices(database), organization);
  await saveMailSettings(ctx, {
    project: project.slug,
    input: graphInput(issuer, graph, changes.proveOnce),
    expectedVersion: null,
    whileSending: 'save_only',
  });
  return {
    organization,
    project,
    ctx,
    graph,
    mailbox,
    close: async () => void (await Promise.all([graph.close(), issuer.close()])),
  };
}

/** Graph's side of that issuer: an app's token may act for any mailbox. */
export function appTokens(issuer: Issuer): (token: string) => Promise<GraphToken | null> {
  return async (token) =>
    (await issuer.readToken(token)) === null
      ? null
      : { clientId: 'mailroom', mailbox: null, scopes: allScopes };
}

/** Graph as an app, as a form hands it in. */
export function graphInput(issuer: Issuer, graph: GraphServer, proveOnce: boolean): MailSettingsFields {
  const { connection, ...rest } = oauthInput('microsoft', issuer, { oauth: { access: 'app_only' } });
  if (connection.authentication.kind !== 'oauth') throw new Error('no OAuth');
  const { server, ...oauth } = connection.authentication;
  if (server.kind !== 'microsoft' || !('userName' in oauth)) throw new Error('not Microsoft');
  const { userName: _, ...authentication } = oauth;
  return {
    ...rest,
    connection: {
      kind: 'graph',
      endpoint: graph.endpoint,
      mailbox,
      customCa: authority.cert,
      saveToSentItems: true,
      proveOnce,
      requestsCountedBy: 'client_and_mailbox',
      authentication: { ...authentication, server, scope: 'https://graph.microsoft.com/.default' },
    },
  };
}
