import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { asOwner, createDatabase } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { announceEnds } from '#lib/oauth/announce-ends.ts';
import { destroySupersededTokens } from '#lib/oauth/destroy-tokens.ts';
import { getConnection } from '#lib/oauth/get-connection.ts';
import { renewDueTokens } from '#lib/oauth/renew-tokens.ts';
import type { TokenAnswer } from '#lib/transports/supplies.ts';
import type { Issuer } from '#tests/servers/oauth/issuer.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeOrganization,
  makeProject,
  testKeys,
  type TestProject,
  testServices,
} from '#tests/support/factories.ts';
import { spawnProgram } from '#tests/support/processes.ts';
import { waitForLine } from '#tests/support/wait-for.ts';
import {
  clientSecret,
  connectProject,
  endAccessToken,
  everythingReadable,
  makeIssuer,
  oauthInput,
  saveOauth,
  tokensOf,
} from './oauth-scene.ts';

const db = await createTestDatabase();
const { database } = db;
const services = testServices(database);
const microsoft = await makeIssuer('microsoft');
const strict = await makeIssuer('other');
const google = await makeIssuer('google');
afterAll(() => Promise.all([microsoft, strict, google].map((issuer) => issuer.close())));

const signal = new AbortController().signal;
let project: TestProject;
let ctx: Context;

beforeEach(async () => {
  const organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
  for (const issuer of [microsoft, strict, google]) {
    issuer.fault = null;
    issuer.beforeAnswer = null;
  }
});

function tokenOf(answer: TokenAnswer): string {
  if (answer.kind !== 'token') throw new Error(`no token: ${JSON.stringify(answer.fault)}`);
  return answer.token;
}

/** How many requests the token endpoint gets while `work` runs. */
async function requestsDuring<T>(
  issuer: Issuer,
  work: () => Promise<T>,
): Promise<{ result: T; count: number }> {
  const before = issuer.tokenRequests.length;
  const result = await work();
  return { result, count: issuer.tokenRequests.length - before };
}

async function connection() {
  const page = await getConnection(ctx, { project: project.slug, portalHost: 'localhost:3000' });
  if (page.connection === null) throw new Error('the settings use no OAuth');
  return page.connection;
}

function setGrant(assignment: string): Promise<unknown> {
  return asOwner(database, (tx) =>
    tx.query(`update mailroom.oauth_grants set ${assignment} where project_id = $1`, [project.id]),
  );
}

async function auditOf(action: string): Promise<unknown[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ detail: unknown }>(
      'select detail from mailroom.audit_entries where project_id = $1 and action = $2 order by id',
      [project.id, action],
    ),
  );
  return rows.map(({ detail }) => detail);
}

function program() {
  return spawnProgram('tests/integration/oauth/token-program.ts', {
    args: [db.connectionString, testKeys, ctx.organizationId, project.id],
  });
}

describe('an access token', () => {
  test('is asked for once for a thousand mails', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await endAccessToken(database, project);
    const source = await tokensOf(services, ctx, project);
    const { result, count } = await requestsDuring(microsoft, () =>
      Promise.all(Array.from({ length: 1_000 }, () => source.accessToken(null, signal))),
    );
    expect(new Set(result.map(tokenOf)).size).toBe(1);
    expect(count).toBe(1);
  });

  test('that the far side refused is replaced once, and never given again', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    const [source, elsewhere] = [
      await tokensOf(services, ctx, project),
      await tokensOf(services, ctx, project),
    ];
    const first = tokenOf(await source.accessToken(null, signal));
    const { result: second, count } = await requestsDuring(microsoft, async () =>
      tokenOf(await source.accessToken(first, signal)),
    );
    expect(second).not.toBe(first);
    expect(count).toBe(1);
    // Another worker that was refused the same token finds the new one.
    const other = await requestsDuring(microsoft, async () =>
      tokenOf(await elsewhere.accessToken(first, signal)),
    );
    expect(other).toEqual({ result: second, count: 0 });
  });

  test('of a short life is not renewed at every mail', async () => {
    const brief = await makeIssuer('other', { accessSeconds: 120 });
    await connectProject(ctx, project, oauthInput('other', brief));
    const source = await tokensOf(services, ctx, project);
    const { count } = await requestsDuring(brief, async () => {
      for (let mail = 0; mail < 5; mail += 1) tokenOf(await source.accessToken(null, signal));
    });
    await brief.close();
    expect(count).toBe(0);
  });

  test('of an app comes without a consent and is shared by all', async () => {
    const scope = 'https://outlook.office365.com/.default';
    await saveOauth(
      ctx,
      project,
      oauthInput('microsoft', microsoft, { oauth: { access: 'app_only', scope } }),
    );
    const { result, count } = await requestsDuring(microsoft, async () => [
      tokenOf(await (await tokensOf(services, ctx, project)).accessToken(null, signal)),
      tokenOf(await (await tokensOf(services, ctx, project)).accessToken(null, signal)),
    ]);
    expect(new Set(result).size).toBe(1);
    expect(count).toBe(1);
    expect((await connection()).state).toBe('connected');
  });
});

describe('a refresh', () => {
  test.each([
    ['microsoft', microsoft],
    ['other', strict],
  ] as const)('by two processes at once is one, at %s', async (kind, issuer) => {
    await connectProject(ctx, project, oauthInput(kind, issuer));
    await endAccessToken(database, project);
    const held = Promise.withResolvers<void>();
    issuer.beforeAnswer = () => held.promise;
    const { result, count } = await requestsDuring(issuer, async () => {
      const processes = [program(), program()];
      const answers = Promise.all(processes.map(({ stdout }) => waitForLine(stdout, /answer (\{.*\})/)));
      await Promise.all(processes.map(({ stdout }) => waitForLine(stdout, /asking/)));
      held.resolve();
      return (await answers).map(([, json]) => json);
    });
    expect(count).toBe(1);
    expect(new Set(result).size).toBe(1);
    expect(result[0]).toContain('"kind":"token"');
  });

  test('stores the new refresh token with the access token, and uses it the next time', async () => {
    await connectProject(ctx, project, oauthInput('other', strict));
    const source = await tokensOf(services, ctx, project);
    for (let round = 0; round < 3; round += 1) {
      await endAccessToken(database, project);
      tokenOf(await (await tokensOf(services, ctx, project)).accessToken(null, signal));
    }
    const used = strict.tokenRequests.slice(-3).map(({ refreshToken }) => refreshToken);
    expect(new Set(used).size).toBe(3);
    tokenOf(await source.accessToken(null, signal));
  });

  test('keeps the refresh token where the server gives no other', async () => {
    await connectProject(ctx, project, oauthInput('google', google));
    for (let round = 0; round < 2; round += 1) {
      await endAccessToken(database, project);
      tokenOf(await (await tokensOf(services, ctx, project)).accessToken(null, signal));
    }
    const used = google.tokenRequests.slice(-2).map(({ refreshToken }) => refreshToken);
    expect(new Set(used).size).toBe(1);
  });

  test.each([
    ['goes on where a used refresh token still holds', 'microsoft', microsoft, 'connected'],
    ['asks for a consent where it does not', 'other', strict, 'failing'],
  ] as const)('whose process dies between answer and commit %s', async (_, kind, issuer, state) => {
    await connectProject(ctx, project, oauthInput(kind, issuer));
    await endAccessToken(database, project);
    const rotated = Promise.withResolvers<void>();
    issuer.beforeAnswer = () => {
      rotated.resolve();
      return new Promise(() => undefined);
    };
    const doomed = program();
    await rotated.promise;
    doomed.signal('SIGKILL');
    await doomed.exited;
    issuer.beforeAnswer = null;
    // The turn of the dead process ends by its time.
    await setGrant('refreshing_until = mailroom.now()');
    const answer = await (await tokensOf(services, ctx, project)).accessToken(null, signal);
    expect(answer.kind).toBe(state === 'connected' ? 'token' : 'credentials');
    if (answer.kind !== 'token') expect(answer.fault.code).toBe('OAUTH_GRANT_ENDED');
    expect((await connection()).state).toBe(state);
  });

  test('waits for nobody who died with the turn longer than the turn', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await endAccessToken(database, project);
    await setGrant(`refreshing_until = mailroom.now() + interval '400 milliseconds'`);
    tokenOf(await (await tokensOf(services, ctx, project)).accessToken(null, signal));
  });

  test('that a person must put right is told once, with a remedy, and not asked for again at once', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await endAccessToken(database, project);
    microsoft.fault = 'secret_expired';
    const { result, count } = await requestsDuring(microsoft, async () => [
      await (await tokensOf(services, ctx, project)).accessToken(null, signal),
      await (await tokensOf(services, ctx, project)).accessToken(null, signal),
    ]);
    expect(result).toMatchObject([
      { kind: 'credentials', fault: { stage: 'token', code: 'OAUTH_SECRET_EXPIRED' } },
      { kind: 'credentials', fault: { stage: 'token', code: 'OAUTH_SECRET_EXPIRED' } },
    ]);
    expect(count).toBe(1);
    const { state, lastFailure } = await connection();
    expect(state).toBe('failing');
    expect(lastFailure?.remedy.todo).toContain('new secret');
    expect(await auditOf('oauth.renewal_failed')).toMatchObject([{ code: 'OAUTH_SECRET_EXPIRED' }]);
    // A new secret is saved: the consent stays, and the next mail tries at once.
    microsoft.fault = null;
    await saveOauth(ctx, project, oauthInput('microsoft', microsoft));
    tokenOf(await (await tokensOf(services, ctx, project)).accessToken(null, signal));
    expect((await connection()).state).toBe('connected');
  });

  test('at a server that is out of order goes on by itself', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await endAccessToken(database, project);
    microsoft.fault = 'busy';
    const answer = await (await tokensOf(services, ctx, project)).accessToken(null, signal);
    expect(answer).toMatchObject({ kind: 'unreachable', fault: { code: 'OAUTH_SERVER_BUSY' } });
    microsoft.fault = null;
    await setGrant(`failed_at = mailroom.now() - interval '1 minute'`);
    tokenOf(await (await tokensOf(services, ctx, project)).accessToken(null, signal));
    expect(await auditOf('oauth.renewal_failed')).toEqual([]);
  });

  test('that was broken off holds nobody up', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await endAccessToken(database, project);
    const held = Promise.withResolvers<void>();
    microsoft.beforeAnswer = () => held.promise;
    const source = await tokensOf(services, ctx, project);
    const impatient = new AbortController();
    const asked = source.accessToken(null, impatient.signal);
    const patient = source.accessToken(null, signal);
    impatient.abort();
    expect((await asked).kind).toBe('unreachable');
    held.resolve();
    tokenOf(await patient);
  });

  test('puts neither token nor secret where anybody reads', async () => {
    await connectProject(ctx, project, oauthInput('other', strict));
    await endAccessToken(database, project);
    const token = tokenOf(await (await tokensOf(services, ctx, project)).accessToken(null, signal));
    const readable = await everythingReadable(database, services);
    const refreshToken = strict.tokenRequests.at(-1)?.refreshToken;
    for (const hidden of [token, refreshToken ?? 'none', clientSecret])
      expect(readable).not.toContain(hidden);
  });
});

describe('an idle connection', () => {
  test('is renewed long before its token dies, though nobody sends', async () => {
    await connectProject(ctx, project, oauthInput('other', strict));
    const far = await requestsDuring(strict, () => renewDueTokens(services));
    expect(far.count).toBe(0);
    await setGrant(`renew_at = mailroom.now() - interval '1 minute'`);
    const due = await requestsDuring(strict, () => renewDueTokens(services));
    expect(due).toEqual({ result: 1, count: 1 });
    expect((await requestsDuring(strict, () => renewDueTokens(services))).count).toBe(0);
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ hours: number }>(
        `select extract(epoch from renew_at - mailroom.now()) / 3600 as hours from mailroom.oauth_grants
         where project_id = $1`,
        [project.id],
      ),
    );
    expect(Number(rows[0]?.hours)).toBeLessThanOrEqual(24);
  });

  test('whose consent was withdrawn is known by the renewal', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await setGrant('renew_at = mailroom.now()');
    microsoft.fault = 'grant_revoked';
    await renewDueTokens(services);
    expect(await connection()).toMatchObject({
      state: 'failing',
      lastFailure: { code: 'OAUTH_GRANT_REVOKED' },
    });
  });

  test('of superseded settings is renewed no more, and its tokens are destroyed', async () => {
    await connectProject(ctx, project, oauthInput('microsoft', microsoft));
    await saveOauth(
      ctx,
      project,
      oauthInput('microsoft', microsoft, { connection: { host: 'new.example' } }),
    );
    await setGrant('renew_at = mailroom.now()');
    expect((await requestsDuring(microsoft, () => renewDueTokens(services))).count).toBe(0);
    // A minute of grace for a worker that has just read the version before.
    expect(await destroySupersededTokens(services)).toBe(0);
    await db.shiftClock('2 minutes');
    const later = createDatabase({ connectionString: db.connectionString, maxConnections: 1 });
    const destroyed = await destroySupersededTokens({ ...services, database: later });
    await later.close();
    await db.shiftClock('0');
    expect(destroyed).toBeGreaterThan(0);
    const { rows } = await asOwner(database, (tx) =>
      tx.query('select from mailroom.oauth_grants where project_id = $1 and sealed is not null', [
        project.id,
      ]),
    );
    expect(rows).toHaveLength(0);
  });
});

function endsIn(days: number) {
  const expiresOn = new Date(Date.now() + days * 24 * 3_600_000).toISOString().slice(0, 10);
  return oauthInput('microsoft', microsoft, {
    oauth: {
      credential: { kind: 'secret', secret: { kind: 'set', value: clientSecret }, expiresOn },
    },
  });
}

describe('an end that is known', () => {
  test('of a client secret is announced 60, 30, 7 and 1 days ahead, each once', async () => {
    await saveOauth(ctx, project, endsIn(90));
    await announceEnds(services);
    expect(await auditOf('oauth.end_announced')).toEqual([]);
    for (const days of [45, 20, 5, 1]) {
      await saveOauth(ctx, project, endsIn(days));
      await announceEnds(services);
      await announceEnds(services);
    }
    expect(await auditOf('oauth.end_announced')).toHaveLength(4);
    expect((await connection()).ends).toMatchObject([{ kind: 'client_secret' }]);
  });
});
