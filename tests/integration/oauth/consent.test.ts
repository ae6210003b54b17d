import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { disconnect } from '#lib/oauth/disconnect.ts';
import { getConnection } from '#lib/oauth/get-connection.ts';
import { startConsent } from '#lib/oauth/start-consent.ts';
import { createProject } from '#lib/organizations/create-project.ts';
import { setDefaultProject } from '#lib/organizations/set-default-project.ts';
import { getMailSettings } from '#lib/settings/get-mail-settings.ts';
import { restoreMailSettings } from '#lib/settings/restore-mail-settings.ts';
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
  clientSecret,
  comeBack,
  connectProject,
  everythingReadable,
  mailbox,
  makeIssuer,
  oauthInput,
  otherAccount,
  saveOauth,
  session,
  tokensOf,
  walkConsent,
} from './oauth-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const microsoft = await makeIssuer('microsoft');
const google = await makeIssuer('google');
const other = await makeIssuer('other');
afterAll(() => Promise.all([microsoft, google, other].map((issuer) => issuer.close())));

let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  const admin = await makeMember(database, organization, 'administrator');
  ctx = contextOf(services, organization, userActor(admin, 'administrator'));
});

async function connection(as: Context = ctx) {
  const page = await getConnection(as, { project: project.slug, portalHost: 'localhost:3000' });
  if (page.connection === null) throw new Error('the settings use no OAuth');
  return page.connection;
}

async function actions(): Promise<string[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string }>(
      `select action from mailroom.audit_entries where project_id = $1 and action like 'oauth.%' order by id`,
      [project.id],
    ),
  );
  return rows.map(({ action }) => action);
}

const signal = new AbortController().signal;

describe.each([
  ['microsoft', microsoft],
  ['google', google],
  ['other', other],
] as const)('a consent at %s', (kind, issuer) => {
  test('leads from the page to tokens that the server knows', async () => {
    await saveOauth(ctx, project, oauthInput(kind, issuer));
    expect((await connection()).state).toBe('consent_missing');
    expect(await (await tokensOf(services, ctx, project)).accessToken(null, signal)).toMatchObject({
      kind: 'credentials',
      fault: { code: 'OAUTH_CONSENT_MISSING' },
    });
    const finished = await comeBack(ctx, await walkConsent(ctx, project));
    expect(finished).toMatchObject({ ok: true, account: mailbox, laneId: project.laneId });
    expect(await connection()).toMatchObject({ state: 'connected', consentedAs: mailbox, lastFailure: null });
    const answer = await (await tokensOf(services, ctx, project)).accessToken(null, signal);
    const token = answer.kind === 'token' ? answer.token : '';
    expect(await issuer.readToken(token)).toMatchObject({ account: mailbox });
    expect(await actions()).toEqual(['oauth.consent_begun', 'oauth.consented']);
    const shown = JSON.stringify([
      await connection(),
      await getMailSettings(ctx, { project: project.slug }),
      await everythingReadable(database, services),
    ]);
    expect(shown).not.toContain(token);
    expect(shown).not.toContain(clientSecret);
  });

  test('by another account is refused, and says which', async () => {
    await saveOauth(ctx, project, oauthInput(kind, issuer));
    const finished = await comeBack(ctx, await walkConsent(ctx, project, otherAccount));
    expect(finished).toMatchObject({ ok: false, fault: { code: 'OAUTH_WRONG_ACCOUNT' } });
    expect(finished.ok ? '' : finished.fault.reply?.text).toBe(
      `${otherAccount} consented; ${mailbox} is configured.`,
    );
    expect((await connection()).state).toBe('consent_missing');
    expect(await actions()).toEqual(['oauth.consent_begun', 'oauth.consent_failed']);
  });

  test('that is refused changes nothing', async () => {
    await saveOauth(ctx, project, oauthInput(kind, issuer));
    const finished = await comeBack(ctx, await walkConsent(ctx, project, mailbox, 'refuse'));
    expect(finished).toMatchObject({ ok: false, fault: { code: 'OAUTH_CONSENT_DENIED' } });
    expect((await connection()).state).toBe('consent_missing');
  });
});

describe('a consent', () => {
  test('of a person with rights on the mailbox is taken where that person is the sign-in name', async () => {
    await saveOauth(
      ctx,
      project,
      oauthInput('microsoft', microsoft, { oauth: { signInName: otherAccount } }),
    );
    expect(await comeBack(ctx, await walkConsent(ctx, project, otherAccount))).toMatchObject({ ok: true });
  });

  test('is good once', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const callback = await walkConsent(ctx, project);
    await comeBack(ctx, callback);
    await expect(comeBack(ctx, callback)).rejects.toMatchObject({ code: 'expired' });
  });

  test('is good for the browser that began it, and a stranger does not use it up', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const callback = await walkConsent(ctx, project);
    await expect(comeBack(ctx, callback, 'session-of-somebody-else')).rejects.toMatchObject({
      code: 'expired',
    });
    expect(await comeBack(ctx, callback)).toMatchObject({ ok: true });
  });

  test('cannot be finished in another organization', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const callback = await walkConsent(ctx, project);
    const stranger = contextOf(services, await makeOrganization(database));
    await expect(comeBack(stranger, callback)).rejects.toMatchObject({ code: 'not_found' });
    expect(await comeBack(ctx, callback)).toMatchObject({ ok: true });
  });

  test('that nobody began is none', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const forged = new URL('http://localhost:3000/oauth/callback?code=x&state=y');
    await expect(comeBack(ctx, forged)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('that took too long has ended', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const callback = await walkConsent(ctx, project);
    await asOwner(database, (tx) =>
      tx.query('update mailroom.oauth_consents set expires_at = mailroom.now() where project_id = $1', [
        project.id,
      ]),
    );
    await expect(comeBack(ctx, callback)).rejects.toMatchObject({ code: 'expired' });
  });

  test('for settings that were changed meanwhile has ended', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const callback = await walkConsent(ctx, project);
    await saveOauth(
      ctx,
      project,
      oauthInput('microsoft', microsoft, { connection: { host: 'other.example' } }),
    );
    await expect(comeBack(ctx, callback)).rejects.toMatchObject({ code: 'expired' });
  });

  test('for settings that were changed while the provider was asked has ended, and keeps no token', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const callback = await walkConsent(ctx, project);
    microsoft.beforeAnswer = async () => {
      microsoft.beforeAnswer = null;
      await saveOauth(
        ctx,
        project,
        oauthInput('microsoft', microsoft, { oauth: { userName: otherAccount } }),
      );
    };
    await expect(comeBack(ctx, callback)).rejects.toMatchObject({ code: 'expired' });
    expect((await connection()).state).toBe('consent_missing');
    const { rowCount } = await asOwner(database, (tx) =>
      tx.query('select from mailroom.oauth_grants where project_id = $1 and sealed is not null', [
        project.id,
      ]),
    );
    expect(rowCount).toBe(0);
  });

  test('of two tabs of one browser are both good', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const [one, other] = [await walkConsent(ctx, project), await walkConsent(ctx, project)];
    expect(await comeBack(ctx, other)).toMatchObject({ ok: true });
    expect(await comeBack(ctx, one)).toMatchObject({ ok: true });
    expect((await connection()).state).toBe('connected');
  });

  test('whose answer comes from another server is refused', async () => {
    await saveOauth(ctx, project, oauthInput('other', other));
    const callback = await walkConsent(ctx, project);
    callback.searchParams.set('iss', 'https://evil.example');
    expect(await comeBack(ctx, callback)).toMatchObject({
      ok: false,
      fault: { code: 'OAUTH_ISSUER_MISMATCH' },
    });
  });

  test('starts only under the host that the provider leads back to', async () => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const input = { project: project.slug, browser: session, portalHost: '10.0.0.7:3000' };
    await expect(startConsent(ctx, input)).rejects.toMatchObject({
      code: 'wrong_state',
      data: { expectedHost: 'localhost:3000' },
    });
    const page = await getConnection(ctx, { project: project.slug, portalHost: '10.0.0.7:3000' });
    expect(page).toMatchObject({
      redirectUrl: 'http://localhost:3000/oauth/callback',
      openInsteadAt: 'http://localhost:3000',
    });
  });

  test.each(['operator', 'auditor', 'viewer'] as const)('is not for a %s', async (role) => {
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    const member = await makeMember(database, organization, role);
    const as = contextOf(services, organization, userActor(member, role));
    const input = { project: project.slug, browser: session, portalHost: 'localhost:3000' };
    await expect(startConsent(as, input)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(disconnect(as, { project: project.slug })).rejects.toMatchObject({ code: 'forbidden' });
    expect((await connection(as)).may.consent).toBe(false);
  });

  test('of another tenant cannot be seen', async () => {
    const stranger = contextOf(services, await makeOrganization(database));
    const input = { project: project.slug, portalHost: 'localhost:3000' };
    await expect(getConnection(stranger, input)).rejects.toMatchObject({ code: 'not_found' });
  });

  test('names its faults in the words of the provider', async () => {
    await saveOauth(
      ctx,
      project,
      oauthInput('microsoft', microsoft, {
        oauth: {
          credential: {
            kind: 'secret',
            secret: { kind: 'set', value: 'id-instead-of-value' },
            expiresOn: null,
          },
        },
      }),
    );
    const finished = await comeBack(ctx, await walkConsent(ctx, project));
    expect(finished).toMatchObject({ ok: false, fault: { code: 'OAUTH_SECRET_WRONG' } });
    expect(await everythingReadable(database, services)).not.toContain('id-instead-of-value');
  });

  test('for a tenant that is not there does not even start', async () => {
    const server = {
      kind: 'microsoft',
      host: `localhost:${microsoft.port}`,
      tenant: 'nobody.example',
    } as const;
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft, { oauth: { server } }));
    await expect(walkConsent(ctx, project)).rejects.toMatchObject({
      code: 'unavailable',
      data: { code: 'OAUTH_TENANT_UNKNOWN' },
    });
  });
});

describe.each([
  ['google', google, 'https://mail.google.com/'],
  ['microsoft', microsoft, 'https://outlook.office.com/SMTP.Send'],
] as const)('a consent at %s', (kind, issuer, withheld) => {
  test('without the right that sending needs is refused, and names it', async () => {
    await saveOauth(ctx, project, oauthInput(kind, issuer));
    const finished = await comeBack(ctx, await walkConsent(ctx, project, mailbox, 'accept', withheld));
    expect(finished).toMatchObject({
      ok: false,
      fault: { code: 'OAUTH_RIGHTS_MISSING', reply: { text: `Not granted: ${withheld}` } },
    });
    expect((await connection()).state).toBe('consent_missing');
  });
});

describe('the tokens of a consent', () => {
  test('are ended by a disconnect', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await disconnect(ctx, { project: project.slug });
    expect((await connection()).state).toBe('consent_missing');
    const { rows } = await asOwner(database, (tx) =>
      tx.query('select from mailroom.oauth_grants where project_id = $1 and sealed is not null', [
        project.id,
      ]),
    );
    expect(rows).toHaveLength(0);
    expect(await actions()).toContain('oauth.disconnected');
  });

  test('stay with a change that takes them nowhere, and go with none that does', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft, { connection: { maxConnections: 1 } }));
    expect((await connection()).state).toBe('connected');
    await saveOauth(
      ctx,
      project,
      oauthInput('microsoft', microsoft, { connection: { host: 'evil.example' } }),
    );
    expect((await connection()).state).toBe('consent_missing');
    // Going back does not bring the consent back either: it was given for the place, once.
    await restoreMailSettings(ctx, {
      project: project.slug,
      version: 2,
      expectedVersion: 3,
      clientSecret,
      whileSending: 'save_only',
    });
    expect((await connection()).state).toBe('consent_missing');
  });

  test('are not copied to a new project', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await setDefaultProject(ctx, { project: project.slug });
    const copy = await createProject(ctx, { name: 'Copy' });
    const page = await getConnection(ctx, { project: copy.slug, portalHost: 'localhost:3000' });
    expect(page.connection?.state).toBe('consent_missing');
    expect((await connection()).state).toBe('connected');
  });
});
