import { asOwner, type Database } from '#db/client.ts';
import type { Context, Services } from '#lib/context.ts';
import { findConsent, finishConsent, type FinishedConsent } from '#lib/oauth/finish-consent.ts';
import { startConsent } from '#lib/oauth/start-consent.ts';
import { createTokenSource } from '#lib/oauth/token-vault.ts';
import { openMailSettings } from '#lib/settings/open-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { defaultRetrySchedule, type MailSettingsFields } from '#lib/settings/schemas.ts';
import type { TokenSource } from '#lib/transports/supplies.ts';
import { SmallBrowser } from '#tests/servers/oauth/browser.ts';
import { type Issuer, type IssuerOptions, startIssuer } from '#tests/servers/oauth/issuer.ts';
import { makeAuthority, makeCertificate } from '#tests/servers/smtp/certificates.ts';
import type { TestProject } from '#tests/support/factories.ts';

export const mailbox = 'billing@contoso.example';
export const otherAccount = 'ada@contoso.example';
/** A word that stands in no other text, so that a search for it finds every leak. */
export const clientSecret = 'the-value-of-the-client-secret';
export const callbackUrl = 'http://localhost:3000/oauth/callback';
export const session = 'session-of-the-browser-0001';

export const authority = await makeAuthority();
export const certificate = await makeCertificate({ names: ['localhost'], authority });

type Fields = MailSettingsFields['connection'];
type Oauth = Extract<Extract<Fields, { kind: 'smtp' }>['authentication'], { kind: 'oauth' }>;

/** An authorization server that knows the app of these tests. */
export function makeIssuer(
  kind: IssuerOptions['kind'],
  changes: Partial<IssuerOptions> = {},
): Promise<Issuer> {
  return startIssuer({
    kind,
    certificate,
    clients: [{ clientId: 'mailroom', secret: clientSecret, redirectUris: [callbackUrl] }],
    accounts: [mailbox, otherAccount],
    ...changes,
  });
}

/** SMTP with OAuth at that issuer, as a form hands it in. */
export function oauthInput(
  kind: IssuerOptions['kind'],
  issuer: Issuer,
  changes: { oauth?: Partial<Oauth>; connection?: Partial<Extract<Fields, { kind: 'smtp' }>> } = {},
): MailSettingsFields {
  const server: Oauth['server'] =
    kind === 'microsoft'
      ? { kind, host: `localhost:${issuer.port}`, tenant: issuer.tenant }
      : { kind, authorizationUrl: issuer.authorizationUrl, tokenUrl: issuer.tokenUrl };
  return {
    sender: { name: 'Billing', address: mailbox, replyTo: null },
    connection: {
      kind: 'smtp',
      protocol: 'smtp',
      host: 'localhost',
      port: 587,
      alternateHost: null,
      tlsPolicy: 'required',
      checkCertificate: true,
      customCa: authority.cert,
      maxConnections: 2,
      authentication: {
        kind: 'oauth',
        server,
        access: 'delegated',
        clientId: 'mailroom',
        credential: { kind: 'secret', secret: { kind: 'set', value: clientSecret }, expiresOn: null },
        scope: scopeOf(kind),
        signInName: null,
        userName: mailbox,
        ...changes.oauth,
      },
      ...changes.connection,
    },
    proxy: { use: false, server: null },
    debug: { until: null },
    sending: {
      mode: { kind: 'live' },
      allowedSenders: [],
      otherSenders: 'refuse',
      uncertain: 'resend',
      retry: defaultRetrySchedule,
    },
  };
}

function scopeOf(kind: IssuerOptions['kind']): string {
  if (kind === 'google') return 'https://mail.google.com/';
  return kind === 'microsoft'
    ? 'https://outlook.office.com/SMTP.Send offline_access'
    : 'smtp openid email offline_access';
}

export async function saveOauth(
  ctx: Context,
  project: TestProject,
  input: MailSettingsFields,
): Promise<void> {
  const { rows } = await asOwner(ctx.database, (tx) =>
    tx.query<{ version: number | null }>(
      'select settings_version as version from mailroom.projects where id = $1',
      [project.id],
    ),
  );
  await saveMailSettings(ctx, {
    project: project.slug,
    input,
    expectedVersion: rows[0]?.version ?? null,
    whileSending: 'save_only',
  });
}

/** The address that the provider leads back to, after `account` has signed in and answered there. */
export async function walkConsent(
  ctx: Context,
  project: TestProject,
  account = mailbox,
  answer: 'accept' | 'refuse' = 'accept',
  withheld = '',
): Promise<URL> {
  const { url } = await startConsent(ctx, {
    project: project.slug,
    browser: session,
    portalHost: 'localhost:3000',
  });
  return new URL(await new SmallBrowser(authority.cert).consent(url, account, answer, withheld));
}

/** What the portal's callback does with the address, for the browser of that session. */
export async function comeBack(ctx: Context, callback: URL, browser = session): Promise<FinishedConsent> {
  const query = callback.searchParams;
  const state = query.get('state') ?? '';
  const found = await findConsent(ctx, state);
  return finishConsent(ctx, found?.projectId ?? 'nowhere', {
    state,
    code: query.get('code'),
    error: query.get('error'),
    errorDescription: query.get('error_description'),
    issuer: query.get('iss'),
    isAdministratorConsent: query.get('admin_consent') === 'True',
    browser,
  });
}

/** Saved, consented, ready to send. */
export async function connectProject(
  ctx: Context,
  project: TestProject,
  input: MailSettingsFields,
): Promise<void> {
  await saveOauth(ctx, project, input);
  const finished = await comeBack(ctx, await walkConsent(ctx, project));
  if (!finished.ok) throw new Error(`no consent: ${JSON.stringify(finished.fault)}`);
}

/** The vault of the project's current settings, as a worker opens it. */
export async function tokensOf(services: Services, ctx: Context, project: TestProject): Promise<TokenSource> {
  const source = await asOwner(services.database, async (tx) => {
    const { rows } = await tx.query<{ version: number }>(
      'select settings_version as version from mailroom.projects where id = $1',
      [project.id],
    );
    const owner = { organizationId: ctx.organizationId, projectId: project.id };
    const opened = await openMailSettings(tx, services.keyring, { ...owner, version: rows[0]?.version ?? 0 });
    return createTokenSource(services, owner, opened);
  });
  if (source === null) throw new Error('these settings use no tokens');
  return source;
}

/** The access token has ended; what else is stored stays. */
export async function endAccessToken(database: Database, project: TestProject): Promise<void> {
  await asOwner(database, (tx) =>
    tx.query('update mailroom.oauth_grants set access_expires_at = mailroom.now() where project_id = $1', [
      project.id,
    ]),
  );
}

/** Whatever the database and the log hold in readable form, to be searched for what must not be in it. */
export async function everythingReadable(database: Database, services: Services): Promise<string> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query(`select (select jsonb_agg(to_jsonb(a)) from mailroom.audit_entries a) as audit,
      (select jsonb_agg(to_jsonb(v)) from mailroom.mail_settings_versions v) as versions,
      (select jsonb_agg(to_jsonb(g) - 'sealed') from mailroom.oauth_grants g) as grants,
      (select jsonb_agg(to_jsonb(c) - 'sealed') from mailroom.oauth_consents c) as consents`),
  );
  const lines = 'lines' in services.log ? services.log.lines : [];
  return JSON.stringify(rows) + JSON.stringify(lines);
}
