import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { asOwner, type Database, withTenant } from '#db/client.ts';
import type { Context, Services } from '#lib/context.ts';
import { startConsent } from '#lib/oauth/start-consent.ts';
import { type GrantOwner, readGrant, storeConsented } from '#lib/oauth/grant-store.ts';
import { createKeyring, type Keyring } from '#lib/secrets/keyring.ts';
import { type Rotation, rotateSecrets } from '#lib/rotation/rotate-secrets.ts';
import { sealedTables } from '#lib/rotation/sealed-tables.ts';
import { openMailSettings } from '#lib/settings/open-mail-settings.ts';
import { sourceFiles, withoutComments } from '#tests/architecture/source-files.ts';
import { runMailroom } from '#tests/integration/command-line/run-mailroom.ts';
import { graphInput, save } from '#tests/integration/connections/connection-scene.ts';
import {
  clientSecret,
  makeIssuer,
  oauthInput,
  saveOauth,
  session,
} from '#tests/integration/oauth/oauth-scene.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  type TestProject,
  testServices,
} from '#tests/support/factories.ts';

const issuer = await makeIssuer('google');
afterAll(() => issuer.close());

const oldKey = `old:${randomBytes(32).toString('base64')}`;
const newKey = `new:${randomBytes(32).toString('base64')}`;

function servicesWith(database: Database, keys: string): Services {
  return testServices(database, { keyring: createKeyring(keys) });
}

interface Desk {
  readonly database: Database;
  readonly url: string;
  readonly ctx: Context;
  readonly project: TestProject;
  readonly grant: GrantOwner;
}

/** A project with a sealed client secret, tokens, and a consent under way; all under the old key. */
async function makeDesk(): Promise<Desk> {
  const { database, connectionString: url } = await createTestDatabase({ maxConnections: 20 });
  const organization = await makeOrganization(database);
  const project = await makeProject(database, organization);
  const ctx = contextOf(servicesWith(database, oldKey), organization);
  await saveOauth(ctx, project, oauthInput('google', issuer));
  await startConsent(ctx, { project: project.slug, browser: session, portalHost: 'localhost:3000' });
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ id: string }>('select grant_id as id from mailroom.oauth_consents'),
  );
  const grant = { organizationId: organization.id, projectId: project.id, grantId: rows[0]?.id ?? '' };
  await giveTokens(ctx, grant, 'first');
  return { database, url, ctx, project, grant };
}

function giveTokens(
  ctx: Pick<Services, 'database' | 'keyring'>,
  grant: GrantOwner,
  name: string,
): Promise<void> {
  const tokens = {
    accessToken: `access-${name}`,
    refreshToken: `refresh-${name}`,
    expiresInSeconds: 3600,
    refreshExpiresInSeconds: null,
    scope: null,
    accounts: [],
  };
  return withTenant(ctx.database, { organizationId: grant.organizationId, userId: null }, (tx) =>
    storeConsented(tx, ctx.keyring, grant, { tokens, account: null, consentedBy: 'test' }),
  );
}

function readTokens({ database, grant }: Desk, keyring: Keyring): Promise<string | null> {
  return withTenant(database, { organizationId: grant.organizationId, userId: null }, async (tx) => {
    const found = await readGrant(tx, keyring, grant);
    return found?.tokens?.refreshToken ?? null;
  });
}

async function keyIds(database: Database): Promise<string[]> {
  const parts = sealedTables.map(
    ({ name }) => `select key_id from mailroom.${name} where sealed is not null`,
  );
  const { rows } = await asOwner(database, (tx) => tx.query<{ key_id: string }>(parts.join(' union all ')));
  return rows.map(({ key_id }) => key_id);
}

test('everything sealed opens with the new key alone afterwards, and the history says so', async () => {
  const desk = await makeDesk();
  const { database, grant } = desk;
  expect(await keyIds(database)).toEqual(['old', 'old', 'old']);
  const both = servicesWith(database, `${newKey},${oldKey}`);
  expect(await rotateSecrets(both, 'operator')).toMatchObject({
    keyId: 'new',
    resealed: 3,
    notOpened: 0,
    left: [],
  });
  const { keyring } = servicesWith(database, newKey);
  const opened = await withTenant(database, { organizationId: grant.organizationId, userId: null }, (tx) =>
    openMailSettings(tx, keyring, { ...grant, version: 1 }),
  );
  expect(opened.clientSecret).toBe(clientSecret);
  expect(await readTokens(desk, keyring)).toBe('refresh-first');
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ detail: object }>(
      `select detail from mailroom.audit_entries where action = 'secrets.resealed' order by id`,
    ),
  );
  expect(rows.map(({ detail }) => detail)).toEqual(
    sealedTables.map(({ name }) => ({ table: name, values: 1, keyId: 'new' })),
  );
  expect(await rotateSecrets(both, 'operator')).toMatchObject({ resealed: 0, left: [] });
});

test('more than one batch, two rotations at once, and what cannot be opened stays and is told', async () => {
  const desk = await makeDesk();
  const { database, grant } = desk;
  const lost = createKeyring(`lost:${randomBytes(32).toString('base64')}`);
  await asOwner(database, async (tx) => {
    for (let row = 0; row < 450; row += 1) {
      const ring = row === 7 ? lost : desk.ctx.keyring;
      const { keyId, sealed } = ring.seal(`p${row}`, `${grant.organizationId}/${grant.projectId}/password`);
      await tx.query(
        `insert into mailroom.secrets (id, organization_id, project_id, purpose, key_id, sealed, created_by)
         values (gen_random_uuid(), $1, $2, 'password', $3, $4, 'test')`,
        [grant.organizationId, grant.projectId, keyId, sealed],
      );
    }
  });
  const both = servicesWith(database, `${newKey},${oldKey}`);
  const [one, other] = await Promise.all([rotateSecrets(both, 'a'), rotateSecrets(both, 'b')]);
  expect(one.resealed + other.resealed).toBe(452);
  const left: Rotation['left'] = [{ table: 'secrets', keyId: 'lost', values: 1 }];
  expect(await rotateSecrets(both, 'c')).toMatchObject({ resealed: 0, notOpened: 1, left });
});

test('tokens that are refreshed meanwhile are never overwritten by older ones', async () => {
  const desk = await makeDesk();
  const both = servicesWith(desk.database, `${newKey},${oldKey}`);
  const writers = async (): Promise<void> => {
    for (let round = 0; round < 40; round += 1) {
      // Every other one by a process that does not seal with the new key yet.
      await giveTokens(round % 2 === 0 ? desk.ctx : both, desk.grant, String(round));
    }
  };
  const rotations = async (): Promise<void> => {
    for (let round = 0; round < 15; round += 1) await rotateSecrets(both, 'operator');
  };
  await Promise.all([writers(), rotations()]);
  expect(await readTokens(desk, both.keyring)).toBe('refresh-39');
  await rotateSecrets(both, 'operator');
  expect(await readTokens(desk, createKeyring(newKey))).toBe('refresh-39');
});

test('Graph connections find each other by the ring that is left', async () => {
  const { database, ctx } = await makeDesk();
  const microsoft = await makeIssuer('microsoft');
  const project = await makeProject(database, { id: ctx.organizationId, slug: '' });
  await save(ctx, project, graphInput({ endpoint: 'https://localhost:1/v1.0' }, microsoft));
  await microsoft.close();
  expect(await rotateSecrets(servicesWith(database, `${newKey},${oldKey}`), 'operator')).toMatchObject({
    retagged: 0,
  });
  expect(await rotateSecrets(servicesWith(database, newKey), 'operator')).toMatchObject({
    retagged: 1,
    left: [],
  });
  expect(await rotateSecrets(servicesWith(database, newKey), 'operator')).toMatchObject({ retagged: 0 });
});

test('the command says what was done and what is left', async () => {
  const desk = await makeDesk();
  const env = { DATABASE_URL: desk.url, MAILROOM_KEYS: `${newKey},${oldKey}` };
  const ran = await runMailroom(env, ['rotate-secrets']);
  expect(ran.stderr).toBe('');
  expect(ran.stdout).toContain('Nothing is left under another key');
  expect(ran.stdout).not.toContain(newKey.slice(4));
  const again = await runMailroom(env, ['rotate-secrets', '--json']);
  expect(JSON.parse(again.stdout)).toEqual({
    keyId: 'new',
    resealed: 0,
    notOpened: 0,
    retagged: 0,
    left: [],
  });
});

test('the list of sealed tables is that of the database, and all that seals is known', async () => {
  const { database } = await createTestDatabase();
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ name: string }>(
      `select distinct c.table_name::text as name from information_schema.columns c
       where c.table_schema = 'mailroom' and (c.column_name = 'key_id' or c.column_name like '%sealed%') order by 1`,
    ),
  );
  expect(rows.map(({ name }) => name)).toEqual(sealedTables.map(({ name }) => name).toSorted());
  // Whoever seals in a new place adds its table to the list first.
  const sealing = sourceFiles()
    .filter(
      ({ path }) => path.startsWith('lib/') && /\.seal\(/.test(withoutComments(readFileSync(path, 'utf8'))),
    )
    .map(({ path }) => path);
  expect(sealing.toSorted()).toEqual([
    'lib/oauth/begin-consent.ts',
    'lib/oauth/grant-store.ts',
    'lib/rotation/rotate-secrets.ts',
    'lib/settings/seal-secrets.ts',
  ]);
});
