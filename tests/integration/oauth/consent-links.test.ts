import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import {
  createConsentLink,
  linkOfConsent,
  openConsentLink,
  startConsentByLink,
} from '#lib/oauth/consent-links.ts';
import { findConsent, finishConsent, type FinishedConsent } from '#lib/oauth/finish-consent.ts';
import { getConnection } from '#lib/oauth/get-connection.ts';
import { SmallBrowser } from '#tests/servers/oauth/browser.ts';
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
import { authority, mailbox, makeIssuer, oauthInput, otherAccount, saveOauth } from './oauth-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const issuer = await makeIssuer('microsoft');
afterAll(() => issuer.close());

const source = { ip: '198.51.100.7', userAgent: 'a browser' };
const browser = 'cookie-of-the-owner-of-the-mailbox';
let organization: TestOrganization;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  organization = await makeOrganization(database, { name: 'Northwind' });
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
  await saveOauth(ctx, project, oauthInput('microsoft', issuer));
});

async function makeLink(as: Context = ctx): Promise<string> {
  const { url } = await createConsentLink(as, { project: project.slug });
  expect(url).toMatch(/^http:\/\/localhost:3000\/oauth\/consent\/[\w-]{43}$/);
  return url.split('/').at(-1) ?? '';
}

/** As the callback does it for a browser without a session. */
async function comeBack(callback: URL, cookie = browser): Promise<FinishedConsent> {
  const state = callback.searchParams.get('state') ?? '';
  const found = await findConsent(services, state);
  if (found === null) throw new Error('nobody began this consent');
  const linked = await linkOfConsent(services, source, found);
  return finishConsent(linked, found.projectId, {
    state,
    code: callback.searchParams.get('code'),
    error: callback.searchParams.get('error'),
    errorDescription: callback.searchParams.get('error_description'),
    issuer: null,
    isAdministratorConsent: callback.searchParams.get('admin_consent') === 'True',
    browser: cookie,
  });
}

async function walk(token: string, account = mailbox): Promise<URL> {
  const { url } = await startConsentByLink(services, source, { token, kind: 'mailbox', browser });
  return new URL(await new SmallBrowser(authority.cert).consent(url, account));
}

async function connection() {
  const { connection: found } = await getConnection(ctx, {
    project: project.slug,
    portalHost: 'localhost:3000',
  });
  return found;
}

describe('a consent link', () => {
  test('names who asks, for which mailbox, and every right exactly', async () => {
    const opened = await openConsentLink(services, source, await makeLink());
    expect(opened).toMatchObject({
      organization: 'Northwind',
      mailbox,
      askedBy: 'test',
      provider: 'microsoft',
      clientId: 'mailroom',
    });
    expect(opened.rights).toEqual([
      { scope: 'https://outlook.office.com/SMTP.Send', words: 'Send mail as this mailbox by SMTP.' },
      {
        scope: 'offline_access',
        words: 'Keep this access until it is withdrawn, without asking again.',
      },
    ]);
  });

  test('connects the project without an account here, once, and leaves its trace', async () => {
    const token = await makeLink();
    expect((await connection())?.openLink).toMatchObject({ createdBy: 'test' });
    const second = await walk(token);
    expect(await comeBack(await walk(token))).toMatchObject({ ok: true, account: mailbox });
    expect(await connection()).toMatchObject({
      state: 'connected',
      consentedBy: `consent link for ${mailbox}`,
      openLink: null,
    });
    await expect(openConsentLink(services, source, token)).rejects.toMatchObject({ code: 'expired' });
    await expect(comeBack(second)).rejects.toMatchObject({ code: 'expired' });
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ actor_label: string; source_ip: string }>(
        `select actor_label, source_ip from mailroom.audit_entries
         where project_id = $1 and action = 'oauth.consented'`,
        [project.id],
      ),
    );
    expect(rows).toEqual([{ actor_label: `consent link for ${mailbox}`, source_ip: source.ip }]);
  });

  test('takes no other account, and stays open for the right one', async () => {
    const token = await makeLink();
    expect(await comeBack(await walk(token, otherAccount))).toMatchObject({
      ok: false,
      fault: { code: 'OAUTH_WRONG_ACCOUNT' },
    });
    expect(await comeBack(await walk(token))).toMatchObject({ ok: true });
  });

  test('is finished by the browser that opened it', async () => {
    const callback = await walk(await makeLink());
    await expect(comeBack(callback, 'another browser altogether')).rejects.toMatchObject({ code: 'expired' });
  });

  test('ends with the settings that it was made for', async () => {
    const token = await makeLink();
    await saveOauth(ctx, project, oauthInput('microsoft', issuer, { oauth: { userName: otherAccount } }));
    await expect(openConsentLink(services, source, token)).rejects.toMatchObject({ code: 'expired' });
  });

  test('ends when the next is made, and by its time', async () => {
    const first = await makeLink();
    const second = await makeLink();
    await expect(openConsentLink(services, source, first)).rejects.toMatchObject({ code: 'expired' });
    await asOwner(database, (tx) =>
      tx.query('update mailroom.consent_links set expires_at = mailroom.now() where project_id = $1', [
        project.id,
      ]),
    );
    await expect(openConsentLink(services, source, second)).rejects.toMatchObject({ code: 'expired' });
  });

  test('that nobody made opens nothing', async () => {
    await expect(openConsentLink(services, source, 'x'.repeat(43))).rejects.toMatchObject({
      code: 'expired',
    });
  });

  test.each(['operator', 'auditor', 'viewer'] as const)('is not made by a %s', async (role) => {
    const member = await makeMember(database, organization, role);
    const as = contextOf(services, organization, userActor(member, role));
    await expect(createConsentLink(as, { project: project.slug })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });

  test('keeps only a hash of its token', async () => {
    const token = await makeLink();
    const { rows } = await asOwner(database, (tx) =>
      tx.query(
        'select to_jsonb(l) as link, (select jsonb_agg(to_jsonb(a)) from mailroom.audit_entries a) from mailroom.consent_links l',
      ),
    );
    expect(JSON.stringify(rows)).not.toContain(token);
  });
});

describe('an administrator at Microsoft', () => {
  test('is led to the tenant-wide consent, which alone connects an app without a person', async () => {
    const scope = 'https://outlook.office365.com/.default';
    await saveOauth(ctx, project, oauthInput('microsoft', issuer, { oauth: { access: 'app_only', scope } }));
    const token = await makeLink();
    await expect(
      startConsentByLink(services, source, { token, kind: 'mailbox', browser }),
    ).rejects.toMatchObject({ code: 'wrong_state' });
    const { url } = await startConsentByLink(services, source, { token, kind: 'administrator', browser });
    const asked = new URL(url);
    expect(asked.pathname).toBe(`/${issuer.tenant}/v2.0/adminconsent`);
    expect(asked.searchParams.get('scope')).toBe(scope);
    const state = asked.searchParams.get('state') ?? '';
    const callback = new URL('http://localhost:3000/oauth/callback');
    callback.search = new URLSearchParams({ state, admin_consent: 'True', tenant: issuer.tenant }).toString();
    expect(await comeBack(callback)).toMatchObject({ ok: true, account: null });
    expect((await connection())?.state).toBe('connected');
  });

  test('leaves the link open where the mailbox itself must still agree', async () => {
    const token = await makeLink();
    const { url } = await startConsentByLink(services, source, { token, kind: 'administrator', browser });
    const state = new URL(url).searchParams.get('state') ?? '';
    const callback = new URL('http://localhost:3000/oauth/callback');
    callback.search = new URLSearchParams({ state, admin_consent: 'True' }).toString();
    expect(await comeBack(callback)).toMatchObject({ ok: true });
    expect((await connection())?.state).toBe('consent_missing');
    expect(await comeBack(await walk(token))).toMatchObject({ ok: true, account: mailbox });
  });
});
