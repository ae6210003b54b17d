import { describe, expect, test } from 'vitest';
import type { EwsFaultCode } from '#lib/transports/ews/fault-codes.ts';
import type { FaultScope, SendOutcome } from '#lib/transports/contract.ts';
import type { Reaction } from '#tests/servers/ews/reactions.ts';
import { noAbort, testMail } from '#tests/servers/smtp/options.ts';
import { ewsScenes, mime } from './scene.ts';

const startScene = ewsScenes();

function toMails(reaction: Reaction) {
  return { react: (operation: string) => (operation === 'CreateItem' ? reaction : null) };
}

type Expected = readonly [SendOutcome['kind'], EwsFaultCode, FaultScope];

const codes: readonly (readonly [string, ...Expected])[] = [
  ['ErrorExceededConnectionCount', 'throttled', 'EWS_TOO_MANY_CONNECTIONS', 'mailbox'],
  ['ErrorSubmissionQuotaExceeded', 'throttled', 'EWS_QUOTA_EXCEEDED', 'mailbox'],
  ['ErrorMailboxMoveInProgress', 'throttled', 'EWS_MAILBOX_MOVING', 'mailbox'],
  ['ErrorMailboxFailover', 'throttled', 'EWS_MAILBOX_MOVING', 'mailbox'],
  ['ErrorInternalServerTransientError', 'temporary', 'EWS_TEMPORARY', 'host'],
  ['ErrorConnectionFailed', 'temporary', 'EWS_TEMPORARY', 'host'],
  ['ErrorTimeoutExpired', 'uncertain', 'EWS_OUTCOME_UNKNOWN', 'host'],
  ['ErrorInternalServerError', 'uncertain', 'EWS_OUTCOME_UNKNOWN', 'host'],
  ['ErrorMailboxStoreUnavailable', 'uncertain', 'EWS_OUTCOME_UNKNOWN', 'host'],
  ['ErrorAccessDenied', 'credentials', 'EWS_ACCESS_DENIED', 'mailbox'],
  ['ErrorImpersonateUserDenied', 'credentials', 'EWS_IMPERSONATION_DENIED', 'mailbox'],
  ['ErrorNonExistentMailbox', 'credentials', 'EWS_MAILBOX_UNKNOWN', 'mailbox'],
  ['ErrorInvalidLicense', 'credentials', 'EWS_LICENCE_MISSING', 'mailbox'],
  ['ErrorQuotaExceeded', 'credentials', 'EWS_MAILBOX_FULL', 'mailbox'],
  ['ErrorAccountDisabled', 'credentials', 'EWS_ACCOUNT_DISABLED', 'mailbox'],
  ['ErrorPasswordExpired', 'credentials', 'EWS_PASSWORD_EXPIRED', 'mailbox'],
  ['ErrorFolderNotFound', 'credentials', 'EWS_FOLDER_MISSING', 'mailbox'],
  ['ErrorSendAsDenied', 'permanent', 'EWS_SEND_AS_DENIED', 'sender'],
  ['ErrorInvalidRecipients', 'permanent', 'EWS_RECIPIENTS_INVALID', 'mail'],
  ['ErrorMessageSizeExceeded', 'permanent', 'EWS_TOO_LARGE', 'mail'],
  ['ErrorMimeContentInvalid', 'permanent', 'EWS_CONTENT_REFUSED', 'mail'],
  ['ErrorInvalidServerVersion', 'credentials', 'EWS_VERSION_REFUSED', 'host'],
  ['ErrorSchemaValidation', 'temporary', 'EWS_REQUEST_REFUSED', 'mail'],
  ['ErrorNobodyKnowsThisOne', 'permanent', 'EWS_PERMANENT', 'mail'],
];

describe.each(codes)('%s', (code, kind, faultCode, scope) => {
  test.each([
    ['as a response message', { kind: 'refusal', code }],
    ['as a SOAP fault', { kind: 'fault', code }],
    [
      'hidden in another',
      {
        kind: 'refusal',
        code: 'ErrorInternalServerError',
        details: { values: { InnerErrorResponseCode: code, InnerErrorMessageText: 'The inner text.' } },
      },
    ],
  ] as const)('%s', async (_how, reaction) => {
    const { send } = await startScene(toMails(reaction));
    const outcome = await send();
    expect(outcome).toMatchObject({ kind, fault: { code: faultCode, scope } });
    expect('fault' in outcome ? outcome.fault.reply?.text : '').toContain(code);
  });
});

describe('how long to wait', () => {
  test.each<[string, Reaction, number | null]>([
    ['ErrorServerBusy names it', { kind: 'fault', code: 'ErrorServerBusy', backOffMs: 297_749 }, 297_749],
    ['ErrorServerBusy does not', { kind: 'fault', code: 'ErrorServerBusy' }, null],
    [
      'a response message names it',
      { kind: 'refusal', code: 'ErrorServerBusy', details: { values: { BackOffMilliseconds: '1500' } } },
      1500,
    ],
    [
      'nonsense is none',
      { kind: 'refusal', code: 'ErrorServerBusy', details: { values: { BackOffMilliseconds: '-1' } } },
      null,
    ],
    ['429 in seconds', { kind: 'status', status: 429, headers: { 'retry-after': '17' } }, 17_000],
    ['503 in seconds', { kind: 'status', status: 503, headers: { 'retry-after': '5' } }, 5000],
    [
      'a date is held against the clock of the server that names it',
      {
        kind: 'status',
        status: 503,
        headers: { date: 'Wed, 21 Oct 2015 07:28:00 GMT', 'retry-after': 'Wed, 21 Oct 2015 07:29:30 GMT' },
      },
      90_000,
    ],
    [
      '503 with a time that is past',
      { kind: 'status', status: 503, headers: { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' } },
      0,
    ],
  ])('%s', async (_what, reaction, retryAfterMs) => {
    const { send } = await startScene(toMails(reaction));
    expect(await send()).toMatchObject({ kind: 'throttled', fault: { scope: 'mailbox' }, retryAfterMs });
  });
});

describe('without SOAP', () => {
  const page = { 'content-type': 'text/html; charset=utf-8' };
  const online = { 'x-calculatedbetarget': 'AM0PR04MB1234.eurprd04.prod.outlook.com' };

  test.each<[string, Reaction, Expected]>([
    [
      '403 of Exchange Online: EWS is blocked',
      { kind: 'status', status: 403, headers: online },
      ['credentials', 'EWS_RETIRED', 'tenant'],
    ],
    ['403 of another server', { kind: 'status', status: 403 }, ['credentials', 'EWS_FORBIDDEN', 'host']],
    [
      '403 for a token without the right',
      {
        kind: 'status',
        status: 403,
        headers: {
          ...online,
          'x-ms-diagnostics': '2000008;reason="The token contains not enough scope to make this call."',
        },
      },
      ['credentials', 'EWS_ACCESS_DENIED', 'mailbox'],
    ],
    ['404: another address', { kind: 'status', status: 404 }, ['credentials', 'EWS_ADDRESS_WRONG', 'host']],
    ['405', { kind: 'status', status: 405 }, ['credentials', 'EWS_ADDRESS_WRONG', 'host']],
    [
      '302 is not followed',
      { kind: 'status', status: 302, headers: { location: 'https://127.0.0.1/owa/auth?token=abc' } },
      ['credentials', 'EWS_ADDRESS_WRONG', 'host'],
    ],
    [
      '456: the account is locked',
      { kind: 'status', status: 456 },
      ['credentials', 'EWS_ACCOUNT_LOCKED', 'mailbox'],
    ],
    ['413', { kind: 'status', status: 413 }, ['permanent', 'EWS_TOO_LARGE', 'mail']],
    [
      '404.13: too long for IIS',
      { kind: 'status', status: 404, body: 'HTTP Error 404.13 - Not Found' },
      ['permanent', 'EWS_TOO_LARGE', 'mail'],
    ],
    ['400', { kind: 'status', status: 400 }, ['temporary', 'EWS_REQUEST_REFUSED', 'mail']],
    [
      'a sign-in page',
      { kind: 'status', status: 200, headers: page, body: '<html>Sign in</html>' },
      ['credentials', 'EWS_NOT_EWS', 'host'],
    ],
    [
      'half an answer',
      { kind: 'status', status: 200, headers: { 'content-type': 'text/xml' }, body: '<s:Envelope' },
      ['uncertain', 'EWS_OUTCOME_UNKNOWN', 'host'],
    ],
    [
      '503 that names no time, after the mail',
      { kind: 'status', status: 503 },
      ['uncertain', 'EWS_OUTCOME_UNKNOWN', 'host'],
    ],
    [
      '500 after the mail',
      { kind: 'status', status: 500, send: true },
      ['uncertain', 'EWS_OUTCOME_UNKNOWN', 'host'],
    ],
    ['502', { kind: 'status', status: 502 }, ['uncertain', 'EWS_OUTCOME_UNKNOWN', 'host']],
    ['504', { kind: 'status', status: 504 }, ['uncertain', 'EWS_OUTCOME_UNKNOWN', 'host']],
  ])('%s', async (_what, reaction, [kind, code, scope]) => {
    const { send } = await startScene(toMails(reaction));
    const outcome = await send();
    expect(outcome).toMatchObject({ kind, fault: { code, scope } });
    expect(JSON.stringify(outcome)).not.toContain('token=abc');
  });
});

describe('what the server itself refuses', () => {
  test('a mail beyond its size', async () => {
    const { server, send } = await startScene({ maxMessageBytes: 100 });
    const outcome = await send({}, `${mime('To: reader@example.test')}${'x'.repeat(200)}`);
    expect(outcome).toMatchObject({ kind: 'permanent', fault: { code: 'EWS_TOO_LARGE', stage: 'content' } });
    expect(server.mails).toEqual([]);
  });

  test('a sender that the mailbox may not use', async () => {
    const { send } = await startScene();
    const outcome = await send({}, mime('From: boss@example.test', 'To: reader@example.test'));
    expect(outcome).toMatchObject({
      kind: 'permanent',
      fault: { code: 'EWS_SEND_AS_DENIED', scope: 'sender' },
    });
  });

  test('more at once than it allows, and after its budget', async () => {
    const stalled = await startScene({
      maxConcurrent: 1,
      react: (_operation, count) => (count === 1 ? { kind: 'stall' } : null),
    });
    const controller = new AbortController();
    const first = stalled.transport.send(testMail(), controller.signal);
    await expect.poll(() => stalled.server.requests.length).toBe(1);
    expect(await stalled.send()).toMatchObject({
      kind: 'throttled',
      fault: { code: 'EWS_TOO_MANY_CONNECTIONS' },
    });
    controller.abort();
    expect(await first).toMatchObject({ kind: 'uncertain' });
    const spent = await startScene({ budget: { requests: 1, backOffMs: 60_000 } });
    expect(await spent.send()).toMatchObject({ kind: 'accepted' });
    const refused = await spent.send();
    expect(refused).toMatchObject({ kind: 'throttled', fault: { code: 'EWS_SERVER_BUSY' } });
    expect(refused.kind === 'throttled' ? refused.retryAfterMs : 0).toBeGreaterThan(0);
  });
});

describe('when no answer comes', () => {
  test.each([
    ['the connection breaks', { kind: 'reset' }, 'HTTP_CONNECTION_LOST'],
    ['the deadline passes', { kind: 'stall' }, 'HTTP_TIMEOUT'],
    [
      'the answer does not end',
      { kind: 'status', status: 200, body: '<a/>'.repeat(100_000) },
      'HTTP_ANSWER_TOO_LARGE',
    ],
  ] as const)('%s: the outcome is not known', async (_what, reaction, code) => {
    const deadlines = {
      dnsMs: 10_000,
      connectMs: 10_000,
      tlsMs: 10_000,
      readMs: 10_000,
      sendMs: reaction.kind === 'stall' ? 1500 : 10_000,
      idleMs: 60_000,
    };
    const { send } = await startScene(toMails(reaction), { deadlines });
    expect(await send()).toMatchObject({ kind: 'uncertain', fault: { code, scope: 'host' } });
  });

  test('content that ends early or cannot be read never reaches the server', async () => {
    const { server, send, transport } = await startScene();
    const short = await send({ sizeBytes: 5000 });
    expect(short).toMatchObject({
      kind: 'temporary',
      fault: { code: 'HTTP_CONTENT_UNREADABLE', scope: 'mail' },
    });
    const broken = await send({
      open: async function* () {
        yield Buffer.from('Subject: x\r\n');
        throw new Error('database');
      },
    });
    expect(broken).toMatchObject({
      kind: 'temporary',
      fault: { code: 'EWS_CONTENT_UNREADABLE', scope: 'mail' },
    });
    expect(server.mails).toEqual([]);
    expect(await transport.send(testMail(), noAbort())).toMatchObject({ kind: 'accepted' });
  });

  test.each(['open', 'mayStart'] as const)('%s that hangs ends with the signal', async (where) => {
    const { server, transport } = await startScene();
    const controller = new AbortController();
    const hang = (): Promise<never> => {
      controller.abort();
      return new Promise(() => undefined);
    };
    const open = async function* (): AsyncGenerator<Buffer> {
      yield await hang();
    };
    const mail = testMail(where === 'open' ? { open } : { mayStart: hang });
    await expect(transport.send(mail, controller.signal)).resolves.toEqual({ kind: 'withheld' });
    expect(server.mails).toEqual([]);
  });
});
