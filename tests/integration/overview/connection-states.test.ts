import { expect, test } from 'vitest';
import { proveConnectionNow } from '#lib/connections/prove-now.ts';
import { proveDueConnections } from '#lib/connections/prove-due.ts';
import { disconnect } from '#lib/oauth/disconnect.ts';
import { readOrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import { graphInput, graphReader, consent, save } from '#tests/integration/connections/connection-scene.ts';
import { authority, mailbox, makeIssuer } from '#tests/integration/oauth/oauth-scene.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import { contextOf, makeOrganization, makeProject, testServices } from '#tests/support/factories.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const keep = closeAfterEach();

test('the state at a glance knows consent, proof and what ends soon (PRODUCT 2.19)', async () => {
  const organization = await makeOrganization(database);
  const project = await makeProject(database, organization);
  const ctx = contextOf(services, organization);
  const issuer = keep(await makeIssuer('microsoft'));
  const graph = await startGraphServer({ authority, mailboxes: [mailbox], readToken: graphReader(issuer) });
  const seen = async () => (await readOrganizationOverview(ctx)).projects[0];

  expect(await seen()).toMatchObject({
    state: 'not_set_up',
    connection: { state: 'not_set_up', endsSoon: [] },
  });
  const input = graphInput(graph, issuer);
  const { authentication } = input.connection;
  if (authentication.kind !== 'oauth' || authentication.credential.kind !== 'secret') throw new Error();
  authentication.credential.expiresOn = new Date(Date.now() + 29 * 86_400_000).toISOString().slice(0, 10);
  await save(ctx, project, input);
  expect(await seen()).toMatchObject({ state: 'consent_missing', server: { transport: 'graph' } });

  // What failed for want of a consent is over with it, and proved anew at once.
  await proveDueConnections(services);
  expect(await seen()).toMatchObject({
    state: 'consent_missing',
    connection: { lastError: { code: 'OAUTH_CONSENT_MISSING' } },
  });
  await consent(ctx, project);
  expect(await seen()).toMatchObject({ connection: { state: 'ends_soon', lastError: null } });
  expect(await proveDueConnections(services)).toBe(1);
  expect(await seen()).toMatchObject({
    state: 'ends_soon',
    connection: { state: 'ends_soon', endsSoon: [{ kind: 'client_secret' }], lastError: null },
  });

  await graph.close();
  expect(await proveConnectionNow(ctx, { project: project.slug })).toEqual({ ok: false });
  expect(await seen()).toMatchObject({
    state: 'proof_fails',
    connection: { state: 'fails', lastError: { code: 'CONNECT_REFUSED', isAlternate: false } },
  });

  await disconnect(ctx, { project: project.slug });
  expect((await seen())?.state).toBe('consent_missing');
});
