import { createServer } from 'node:https';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { asOwner, withTenant } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import {
  createConsentLink,
  linkOfConsent,
  openConsentLink,
  startConsentByLink,
} from '#lib/oauth/consent-links.ts';
import { disconnect } from '#lib/oauth/disconnect.ts';
import { findConsent, finishConsent } from '#lib/oauth/finish-consent.ts';
import { getConnection } from '#lib/oauth/get-connection.ts';
import { storeConsented } from '#lib/oauth/grant-store.ts';
import { revokeConsentLink } from '#lib/oauth/revoke-consent-link.ts';
import { SmallBrowser } from '#tests/servers/oauth/browser.ts';
import { noAbort } from '#tests/servers/smtp/options.ts';
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
import {
  authority,
  certificate,
  connectProject,
  everythingReadable,
  mailbox,
  makeIssuer,
  oauthInput,
  saveOauth,
  tokensOf,
} from './oauth-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const issuers = {
  google: await makeIssuer('google'),
  other: await makeIssuer('other'),
  microsoft: await makeIssuer('microsoft'),
};
afterAll(() => Promise.all(Object.values(issuers).map((issuer) => issuer.close())));

let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
});

async function accessToken(of = project): Promise<string> {
  const answer = await (await tokensOf(services, ctx, of)).accessToken(null, noAbort());
  if (answer.kind !== 'token') throw new Error(`no token: ${answer.fault.code}`);
  return answer.token;
}

async function told(): Promise<object[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ detail: object }>(
      `select detail from mailroom.audit_entries where project_id = $1 and action = 'oauth.provider_told'`,
      [project.id],
    ),
  );
  return rows.map(({ detail }) => detail);
}

async function tokensLeft(): Promise<number> {
  const { rowCount } = await asOwner(database, (tx) =>
    tx.query('select from mailroom.oauth_grants where project_id = $1 and sealed is not null', [project.id]),
  );
  return rowCount ?? 0;
}

describe('a disconnect', () => {
  test.each(['google', 'other'] as const)('takes the token back at %s (RFC 7009)', async (kind) => {
    const issuer = issuers[kind];
    await connectProject(ctx, project, oauthInput(kind, issuer));
    const token = await accessToken();
    expect(await issuer.readToken(token)).toMatchObject({ account: mailbox });
    expect(await disconnect(ctx, { project: project.slug })).toEqual({ revocation: 'revoked' });
    expect(await issuer.readToken(token)).toBeNull();
    expect(await tokensLeft()).toBe(0);
    expect(await told()).toEqual([{ account: mailbox, revocation: 'revoked' }]);
    expect(await everythingReadable(database, services)).not.toContain(token);
    expect(await disconnect(ctx, { project: project.slug })).toEqual({ revocation: 'nothing' });
  });

  test('says that Microsoft takes no token back', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', issuers.microsoft));
    expect(await disconnect(ctx, { project: project.slug })).toEqual({ revocation: 'not_offered' });
    expect(await tokensLeft()).toBe(0);
  });

  test('leaves the consent of another project with the same app and mailbox alone', async () => {
    const other = await makeProject(database, organization);
    await connectProject(ctx, project, oauthInput('google', issuers.google));
    await connectProject(ctx, other, oauthInput('google', issuers.google));
    expect(await disconnect(ctx, { project: project.slug })).toEqual({ revocation: 'shared' });
    expect(await issuers.google.readToken(await accessToken(other))).toMatchObject({ account: mailbox });
    expect(await disconnect(ctx, { project: other.slug })).toEqual({ revocation: 'revoked' });
  });

  test('ends the consent here though the provider is not reached', async () => {
    const short = await makeIssuer('other');
    await connectProject(ctx, project, oauthInput('other', short));
    await short.close();
    expect(await disconnect(ctx, { project: project.slug })).toEqual({ revocation: 'failed' });
    expect(await tokensLeft()).toBe(0);
  });

  test('sends no token to a host that it was not saved for (PRODUCT 2.18)', async () => {
    const asked: string[] = [];
    const thief = createServer({ cert: certificate.cert, key: certificate.key }, (request, response) => {
      asked.push(request.url ?? '');
      response.end('{}');
    });
    const liar = createServer({ cert: certificate.cert, key: certificate.key }, (_request, response) => {
      const base = `https://localhost:${portOf(liar)}`;
      response.end(
        JSON.stringify({
          token_endpoint: `${base}/token`,
          revocation_endpoint: `https://localhost:${portOf(thief)}/revoke`,
        }),
      );
    });
    for (const server of [thief, liar])
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `https://localhost:${portOf(liar)}`;
    const input = oauthInput('other', issuers.other, {
      oauth: { server: { kind: 'other', authorizationUrl: `${base}/auth`, tokenUrl: `${base}/token` } },
    });
    await saveOauth(ctx, project, input);
    await giveTokens();
    expect(await disconnect(ctx, { project: project.slug })).toEqual({ revocation: 'not_offered' });
    expect(asked).toEqual([]);
    for (const server of [thief, liar]) server.close();
  });
});

function portOf(server: ReturnType<typeof createServer>): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** Tokens as a consent at these settings would have brought them. */
async function giveTokens(): Promise<void> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ id: string }>(
      `select v.document #>> '{connection,authentication,consent,grantId}' as id from mailroom.mail_settings_versions v
       where v.project_id = $1 order by v.version desc limit 1`,
      [project.id],
    ),
  );
  const owner = { organizationId: organization.id, projectId: project.id, grantId: rows[0]?.id ?? '' };
  const tokens = {
    accessToken: 'access',
    refreshToken: 'refresh',
    expiresInSeconds: 3600,
    refreshExpiresInSeconds: null,
    scope: null,
    accounts: [],
  };
  await withTenant(database, { organizationId: organization.id, userId: null }, (tx) =>
    storeConsented(tx, services.keyring, owner, { tokens, account: null, consentedBy: 'test' }),
  );
}

async function makeLink(): Promise<string> {
  await saveOauth(ctx, project, oauthInput('microsoft', issuers.microsoft));
  const { url } = await createConsentLink(ctx, { project: project.slug });
  return url.split('/').at(-1) ?? '';
}

describe('an open link', () => {
  const source = { ip: null, userAgent: null };
  const browser = 'cookie-of-the-owner-of-the-mailbox';

  async function comeBack(callback: URL) {
    const query = callback.searchParams;
    const state = query.get('state') ?? '';
    const found = await findConsent(services, state);
    if (found === null) throw new Error('nobody began this consent');
    return finishConsent(await linkOfConsent(services, source, found), found.projectId, {
      state,
      code: query.get('code'),
      error: null,
      errorDescription: null,
      issuer: null,
      isAdministratorConsent: query.get('admin_consent') === 'True',
      browser,
    });
  }

  test('is closed from its card, with what was begun by it', async () => {
    const token = await makeLink();
    const mailboxStart = await startConsentByLink(services, source, { token, kind: 'mailbox', browser });
    const code = new URL(await new SmallBrowser(authority.cert).consent(mailboxStart.url, mailbox));
    const granted = await startConsentByLink(services, source, { token, kind: 'administrator', browser });
    const state = new URL(granted.url).searchParams.get('state') ?? '';
    const answer = new URL(`http://localhost:3000/oauth/callback?admin_consent=True&state=${state}`);

    await revokeConsentLink(ctx, { project: project.slug });
    const page = await getConnection(ctx, { project: project.slug, portalHost: 'localhost:3000' });
    expect(page.connection?.openLink).toBeNull();
    await expect(openConsentLink(services, source, token)).rejects.toMatchObject({ code: 'expired' });
    await expect(comeBack(code)).rejects.toMatchObject({ code: 'expired' });
    await expect(comeBack(answer)).rejects.toMatchObject({ code: 'expired' });
    expect(await tokensLeft()).toBe(0);
    await expect(revokeConsentLink(ctx, { project: project.slug })).rejects.toMatchObject({
      code: 'wrong_state',
    });
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ detail: object }>(
        `select detail from mailroom.audit_entries where project_id = $1 and action = 'oauth.link_revoked'`,
        [project.id],
      ),
    );
    expect(rows).toEqual([{ detail: { account: mailbox } }]);
  });

  test('is closed by those who may consent alone, and by nobody of another tenant', async () => {
    await makeLink();
    const member = await makeMember(database, organization, 'operator');
    const operator = contextOf(services, organization, userActor(member, 'operator'));
    await expect(revokeConsentLink(operator, { project: project.slug })).rejects.toMatchObject({
      code: 'forbidden',
    });
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(revokeConsentLink(stranger, { project: project.slug })).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  test("an administrator's consent changes nothing of who consented to the tokens that are there", async () => {
    const token = await makeLink();
    const begun = await startConsentByLink(services, source, { token, kind: 'mailbox', browser });
    await startConsentByLink(services, source, { token, kind: 'administrator', browser });
    expect(
      await comeBack(new URL(await new SmallBrowser(authority.cert).consent(begun.url, mailbox))),
    ).toMatchObject({
      ok: true,
    });
    const { url } = await createConsentLink(ctx, { project: project.slug });
    const second = url.split('/').at(-1) ?? '';
    const before = await getConnection(ctx, { project: project.slug, portalHost: 'localhost:3000' });
    const granted = await startConsentByLink(services, source, {
      token: second,
      kind: 'administrator',
      browser,
    });
    const state = new URL(granted.url).searchParams.get('state') ?? '';
    const answer = new URL(`http://localhost:3000/oauth/callback?admin_consent=True&state=${state}`);
    expect(await comeBack(answer)).toMatchObject({ ok: true });
    const after = await getConnection(ctx, { project: project.slug, portalHost: 'localhost:3000' });
    expect(after.connection?.consentedAt).toBe(before.connection?.consentedAt);
  });
});
