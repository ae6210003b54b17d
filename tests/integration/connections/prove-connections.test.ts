import { beforeEach, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import { listConnections } from '#lib/connections/list-connections.ts';
import { proveDueConnections } from '#lib/connections/prove-due.ts';
import { proveConnectionNow } from '#lib/connections/prove-now.ts';
import type { Context } from '#lib/context.ts';
import type { MailSettingsFields } from '#lib/settings/schemas.ts';
import { authority, mailbox, makeIssuer } from '#tests/integration/oauth/oauth-scene.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  makeProject,
  type TestOrganization,
  type TestProject,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { consent, ewsInput, ewsUsers, graphInput, graphReader, save } from './connection-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const keep = closeAfterEach();

let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
});

function smtpInput(port: number, alternateHost: string | null = null): MailSettingsFields {
  const { connection: _, ...rest } = ewsInput({ url: 'https://localhost/', certificate: authority.cert });
  return {
    ...rest,
    connection: {
      kind: 'smtp',
      protocol: 'smtp',
      host: '127.0.0.1',
      port,
      alternateHost,
      tlsPolicy: 'none',
      checkCertificate: true,
      customCa: null,
      maxConnections: 2,
      authentication: { kind: 'none' },
    },
  };
}

async function viewOf(slug = project.slug) {
  return (await listConnections(ctx)).find((connection) => connection.slug === slug);
}

async function audited(): Promise<string[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string }>(
      `select action from mailroom.audit_entries where project_id = $1 and action like 'connection.%' order by id`,
      [project.id],
    ),
  );
  return rows.map(({ action }) => action);
}

test('PRODUCT 2.19: a connection is proved once, and again after a save of its settings', async () => {
  const server = keep(await startRealServer());
  await save(ctx, project, smtpInput(server.port, 'localhost'));
  expect(await viewOf()).toMatchObject({ state: 'never_proved', lastOkAt: null, alternate: { ok: null } });
  expect(await proveDueConnections(services)).toBe(1);
  expect(await viewOf()).toMatchObject({
    state: 'works',
    lastError: null,
    alternate: { host: 'localhost', ok: true },
    server: { host: '127.0.0.1', port: server.port },
  });
  expect(await proveDueConnections(services)).toBe(0);
  await save(ctx, project, smtpInput(server.port));
  expect(await viewOf()).toMatchObject({ state: 'never_proved', alternate: null });
  expect(await proveDueConnections(services)).toBe(1);
  expect((await viewOf())?.state).toBe('works');
  expect(server.mails).toHaveLength(0);
});

test('a connection that worked and fails, and works again, stands in the audit history', async () => {
  const server = await startRealServer();
  await save(ctx, project, smtpInput(server.port));
  await proveDueConnections(services);
  await server.close();
  expect(await proveConnectionNow(ctx, { project: project.slug })).toEqual({ ok: false });
  const failing = await viewOf();
  expect(failing).toMatchObject({ state: 'fails', lastError: { code: 'CONNECT_REFUSED' } });
  expect(failing?.lastError?.remedy.todo).toContain('Check the port');
  expect(failing?.lastOkAt).not.toBeNull();
  expect(await proveConnectionNow(ctx, { project: project.slug })).toEqual({ ok: false });

  const other = keep(await startRealServer());
  await save(ctx, project, smtpInput(other.port));
  await proveDueConnections(services);
  expect(await viewOf()).toMatchObject({ state: 'works', lastError: { code: 'CONNECT_REFUSED' } });
  expect(await audited()).toEqual([
    'connection.proved',
    'connection.failed',
    'connection.proved',
    'connection.recovered',
  ]);
});

test('every protocol is proved, with the ends of what it signs in with', async () => {
  const issuer = keep(await makeIssuer('microsoft'));
  const graph = keep(
    await startGraphServer({ authority, mailboxes: [mailbox], readToken: graphReader(issuer) }),
  );
  const exchange = keep(await startEwsSimulator({ users: ewsUsers }));
  await save(ctx, project, ewsInput(exchange));
  const byGraph = await makeProject(database, organization);
  const input = graphInput(graph, issuer);
  const { authentication } = input.connection;
  if (authentication.kind !== 'oauth' || authentication.credential.kind !== 'secret') throw new Error();
  const inTenDays = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
  authentication.credential.expiresOn = inTenDays;
  await save(ctx, byGraph, input);
  expect(await viewOf(byGraph.slug)).toMatchObject({ state: 'consent_missing' });
  await consent(contextOf(services, organization), byGraph);
  expect(await proveDueConnections(services)).toBe(2);
  expect(await viewOf()).toMatchObject({
    state: 'works',
    transport: 'ews',
    ends: [{ kind: 'server_certificate' }],
  });
  const view = await viewOf(byGraph.slug);
  expect(view).toMatchObject({ state: 'ends_soon', transport: 'graph' });
  expect(view?.ends.map(({ kind }) => kind)).toContain('client_secret');
  expect(graph.deliveries).toHaveLength(0);
  expect(exchange.mails).toHaveLength(0);
});

test('a secret that cannot be opened fails one connection and leaves the others alone', async () => {
  const server = keep(await startRealServer());
  const exchange = keep(await startEwsSimulator({ users: ewsUsers }));
  await save(ctx, project, ewsInput(exchange));
  const other = await makeProject(database, organization);
  await save(ctx, other, smtpInput(server.port));
  await asOwner(database, (tx) =>
    tx.query('update mailroom.secrets set sealed = null where project_id = $1', [project.id]),
  );
  expect(await proveDueConnections(services)).toBe(2);
  expect(await viewOf()).toMatchObject({ state: 'fails', lastError: { code: 'SETTINGS_NOT_OPENED' } });
  expect((await viewOf(other.slug))?.state).toBe('works');
});

test('a viewer reads and may not prove; another tenant sees nothing', async () => {
  const server = keep(await startRealServer());
  await save(ctx, project, smtpInput(server.port));
  const viewer = await makeMember(database, organization, 'viewer');
  const asViewer = contextOf(services, organization, userActor(viewer, 'viewer'));
  expect(await listConnections(asViewer)).toMatchObject([{ slug: project.slug, may: { prove: false } }]);
  await expect(proveConnectionNow(asViewer, { project: project.slug })).rejects.toMatchObject({
    code: 'forbidden',
  });
  const stranger = contextOf(services, await makeOrganization(database));
  expect(await listConnections(stranger)).toEqual([]);
  await expect(proveConnectionNow(stranger, { project: project.id })).rejects.toMatchObject({
    code: 'not_found',
  });
  const empty = await makeProject(database, organization);
  await expect(proveConnectionNow(ctx, { project: empty.slug })).rejects.toMatchObject({
    code: 'not_set_up',
  });
});
