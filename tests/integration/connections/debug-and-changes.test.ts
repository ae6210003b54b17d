import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Context } from '#lib/context.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { messageDetailSchema } from '#lib/api/responses.ts';
import { newId } from '#lib/ids.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { changeWords } from '#lib/messages/change-words.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { testMailSettings } from '#lib/settings/test-mail-settings.ts';
import {
  authority,
  clientSecret,
  endAccessToken,
  mailbox,
  makeIssuer,
  tokensOf,
} from '#tests/integration/oauth/oauth-scene.ts';
import { queueMails, waitForStates } from '#tests/integration/queue/queue-scene.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
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
  consent,
  ewsInput,
  ewsOauthInput,
  ewsUsers,
  graphInput,
  graphReader,
  password,
  save,
  storedAttempts,
} from './connection-scene.ts';

const { database } = await createTestDatabase();
const services = testServices(database);
const keep = closeAfterEach();
const debug = { until: new Date(Date.now() + 3_600_000).toISOString() };
const bodyWord = 'Wolkenkuckucksheim';

let organization: TestOrganization;
let project: TestProject;
let ctx: Context;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  organization = await makeOrganization(database);
  project = await makeProject(database, organization);
  ctx = contextOf(services, organization);
});

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function sendOne(): Promise<void> {
  const worker = await runWorker(services);
  stops.push(() => worker.stop());
  await acceptMessage(ctx, project.slug, {
    to: ['reader@example.test'],
    subject: 'Hello',
    text: `A letter to ${bodyWord}.`,
    category: 'test',
  });
  await waitForStates(database, { organization, project }, { sent: 1 });
}

/** The dialogue that lies in the database, as text. */
async function storedDialogue(): Promise<string> {
  const [attempt] = await storedAttempts(database, project.id);
  return JSON.stringify(attempt?.transcript ?? null);
}

async function testDialogue(): Promise<string> {
  const observer = { begun: () => undefined, step: () => undefined };
  const { result } = await testMailSettings(
    ctx,
    { project: project.slug, input: null, to: null },
    observer,
    noAbort(),
  );
  expect(result.ok).toBe(true);
  return JSON.stringify(result.transcript);
}

async function readToken(): Promise<string> {
  const answer = await (await tokensOf(services, ctx, project)).accessToken(null, noAbort());
  if (answer.kind !== 'token') throw new Error(answer.fault.code);
  return answer.token;
}

/** None of these, nor their Base64 at any of its three offsets. */
function expectNowhere(dialogue: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    expect(dialogue).not.toContain(secret);
    for (const offset of ['', 'a', 'ab']) {
      const whole = Buffer.from(offset + secret).toString('base64');
      expect(dialogue).not.toContain(whole.slice(4, -4));
    }
  }
}

test('PRODUCT 2.11: the dialogue of EWS is kept without password and content', async () => {
  const exchange = keep(await startEwsSimulator({ users: ewsUsers, maySendAs: [mailbox] }));
  await save(ctx, project, ewsInput(exchange, { debug }));
  await sendOne();
  const dialogue = await storedDialogue();
  expect(dialogue).toContain('POST ');
  expect(dialogue).toContain('CreateItem');
  expect(dialogue).toContain('NoError');
  expectNowhere(dialogue, [password, bodyWord]);
  const tested = await testDialogue();
  expect(tested).toContain('CreateItem');
  expectNowhere(tested, [password, 'This is a test']);
});

test('PRODUCT 2.11: the dialogue of EWS by OAuth has its token request, without secrets', async () => {
  const issuer = keep(await makeIssuer('microsoft'));
  const tokens = new Map<string, string | null>();
  // Whatever the issuer gives while the mail is on its way is known to Exchange too.
  tokens.get = () => mailbox;
  tokens.has = () => true;
  const exchange = keep(
    await startEwsSimulator({ offered: ['bearer'], users: ewsUsers, maySendAs: [mailbox], tokens }),
  );
  await save(ctx, project, ewsOauthInput(exchange, issuer, { debug }));
  await consent(ctx, project);
  const first = await readToken();
  await endAccessToken(database, project);
  await sendOne();
  const second = await readToken();
  const dialogue = await storedDialogue();
  expect(dialogue).toContain('grant_type=refresh_token');
  expect(dialogue).toContain('CreateItem');
  expectNowhere(dialogue, [first, second, clientSecret, bodyWord]);
});

test('PRODUCT 2.11: the dialogue of Graph is kept with its token request, without secrets and content', async () => {
  const issuer = keep(await makeIssuer('microsoft'));
  const graph = keep(
    await startGraphServer({ authority, mailboxes: [mailbox], readToken: graphReader(issuer) }),
  );
  await save(ctx, project, graphInput(graph, issuer, { debug }));
  await consent(ctx, project);
  const first = await readToken();
  await endAccessToken(database, project);
  await sendOne();
  const second = await readToken();
  expect(second).not.toBe(first);
  const dialogue = await storedDialogue();
  expect(dialogue).toContain('sendMail');
  expect(dialogue).toContain('202');
  expect(dialogue).toContain('grant_type=refresh_token');
  expectNowhere(dialogue, [first, second, clientSecret, bodyWord]);
  const tested = await testDialogue();
  expect(tested).toContain('sendMail');
  expectNowhere(tested, [first, second, clientSecret]);
});

test('PRODUCT 4.9: what was changed in the headers stands on the message; whom it concerned, for those who may read it', async () => {
  const exchange = keep(await startEwsSimulator({ users: ewsUsers, maySendAs: [mailbox] }));
  await save(ctx, project, ewsInput(exchange));
  // Its To header names x@example.test, its envelope someone@example.test.
  const [id = ''] = await queueMails(database, { organization, project }, 1);
  const worker = await runWorker(services);
  stops.push(() => worker.stop());
  await waitForStates(database, { organization, project }, { sent: 1 });
  const { attempts } = await getMessage(ctx, { project: project.slug, id });
  expect(attempts[0]?.changes.map(changeWords)).toEqual(['To x@example.test left out: outside the envelope']);
  expect(exchange.mails[0]?.to).toEqual(['someone@example.test']);
  const viewer = await makeMember(database, organization, 'viewer');
  const seen = await getMessage(contextOf(services, organization, userActor(viewer, 'viewer')), {
    project: project.slug,
    id,
  });
  expect(seen.attempts[0]?.changes).toEqual([{ code: 'HEADER_RECIPIENT_REMOVED', detail: null }]);
  const program = contextOf(services, organization, {
    kind: 'key',
    keyId: newId(),
    label: 'program',
    projectId: project.id,
    scopes: ['read'],
  });
  const answered = messageDetailSchema.parse(await getMessage(program, { project: project.slug, id }));
  expect(answered.attempts[0]?.changes).toEqual([{ code: 'HEADER_RECIPIENT_REMOVED' }]);
});
