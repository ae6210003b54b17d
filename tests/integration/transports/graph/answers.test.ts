import { describe, expect, test } from 'vitest';
import { noAbort } from '#tests/servers/smtp/options.ts';
import { faultAt, mailTo, withGraph } from './scene.ts';

const sending = /^POST .*\/sendMail$/;

describe('each answer of Graph to a mail', () => {
  test.each([
    [401, 'InvalidAuthenticationToken', {}, 'credentials', 'GRAPH_TOKEN_REFUSED', 'mailbox'],
    [403, 'ErrorAccessDenied', {}, 'credentials', 'GRAPH_ACCESS_DENIED', 'mailbox'],
    [403, 'ErrorSendAsDenied', {}, 'permanent', 'GRAPH_SEND_AS_DENIED', 'sender'],
    [404, 'MailboxNotEnabledForRESTAPI', {}, 'credentials', 'GRAPH_MAILBOX_NOT_FOUND', 'mailbox'],
    [404, 'MailboxNotFound', {}, 'credentials', 'GRAPH_MAILBOX_NOT_FOUND', 'mailbox'],
    [404, undefined, {}, 'credentials', 'GRAPH_NOT_GRAPH', 'host'],
    [307, undefined, { location: 'https://127.0.0.1/' }, 'credentials', 'GRAPH_NOT_GRAPH', 'host'],
    [400, 'ErrorInvalidRecipients', {}, 'permanent', 'GRAPH_RECIPIENTS_INVALID', 'mail'],
    [400, 'ErrorMimeContentInvalidBase64String', {}, 'permanent', 'GRAPH_CONTENT_REFUSED', 'mail'],
    [400, 'RequestOutsideSchema', {}, 'permanent', 'GRAPH_REQUEST_REFUSED', 'mail'],
    [413, 'BadRequest', {}, 'permanent', 'GRAPH_TOO_LARGE', 'mail'],
    [507, 'ErrorQuotaExceeded', {}, 'credentials', 'GRAPH_MAILBOX_FULL', 'mailbox'],
    [429, 'ApplicationThrottled', { 'retry-after': '7' }, 'throttled', 'GRAPH_THROTTLED', 'mailbox'],
    [429, 'ErrorExceededMessageLimit', {}, 'throttled', 'GRAPH_QUOTA_EXCEEDED', 'mailbox'],
    [503, 'ErrorServerBusy', { 'retry-after': '7' }, 'throttled', 'GRAPH_BUSY', 'host'],
    [503, 'ErrorServerBusy', {}, 'uncertain', 'GRAPH_SERVER_ERROR', 'host'],
    [500, 'ErrorInternalServerError', {}, 'uncertain', 'GRAPH_SERVER_ERROR', 'host'],
    [504, undefined, { 'retry-after': '7' }, 'uncertain', 'GRAPH_SERVER_ERROR', 'host'],
    [200, undefined, {}, 'uncertain', 'GRAPH_UNEXPECTED_ANSWER', 'host'],
  ] as const)('%s %s %j: %s, %s', async (status, code, headers, kind, expected, scope) => {
    await withGraph(async ({ server, transport }) => {
      const fault = faultAt(sending, {
        kind: 'answer',
        status,
        headers,
        ...(code === undefined ? { html: true } : { code }),
      });
      // A refused token is refused twice here: the second try is the last.
      server.switches.faults.push(fault, ...(status === 401 ? [fault] : []));
      const outcome = await transport.send(mailTo(['a@example.test']), noAbort());
      expect(outcome).toMatchObject({ kind, fault: { code: expected, scope, reply: { code: status } } });
      expect(server.deliveries).toEqual([]);
    });
  });

  test('202 is final, even with Retry-After', async () => {
    await withGraph(
      async ({ server, transport }) => {
        for (const _time of [1, 2]) {
          const outcome = await transport.send(mailTo(['a@example.test']), noAbort());
          expect(outcome).toMatchObject({ kind: 'accepted', reply: { code: 202 } });
        }
        expect(server.deliveries).toHaveLength(2);
      },
      {},
      { switches: { acceptedRetryAfter: '120' } },
    );
  });

  test('a drop after the request was read is uncertain', async () => {
    await withGraph(async ({ server, transport }) => {
      server.switches.faults.push(faultAt(sending, { kind: 'drop' }, true));
      const outcome = await transport.send(mailTo(['a@example.test']), noAbort());
      expect(outcome).toMatchObject({ kind: 'uncertain', fault: { code: 'HTTP_CONNECTION_LOST' } });
      expect(server.deliveries).toHaveLength(1);
    });
  });

  test('an answer that never comes is uncertain at the deadline', async () => {
    await withGraph(
      async ({ server, transport }) => {
        server.switches.faults.push(faultAt(sending, { kind: 'hang' }, true));
        const outcome = await transport.send(mailTo(['a@example.test']), noAbort());
        expect(outcome).toMatchObject({ kind: 'uncertain', fault: { code: 'HTTP_TIMEOUT' } });
      },
      {
        deadlines: {
          dnsMs: 5000,
          connectMs: 5000,
          tlsMs: 5000,
          idleMs: 5000,
          requestMs: 300,
          uploadMs: 300,
        },
      },
    );
  });
});

describe('Retry-After', () => {
  test.each([
    ['seconds', '7', 7000],
    ['none', undefined, null],
    ['nothing to wait', '0', 0],
  ])('%s', async (_what, value, expected) => {
    await withGraph(async ({ server, transport }) => {
      const headers = value === undefined ? {} : { 'retry-after': value };
      server.switches.faults.push(
        faultAt(sending, { kind: 'answer', status: 429, code: 'TooManyRequests', headers }),
      );
      const outcome = await transport.send(mailTo(['a@example.test']), noAbort());
      expect(outcome).toMatchObject({ kind: 'throttled', retryAfterMs: expected });
    });
  });

  test('a date counts from the server’s own clock', async () => {
    await withGraph(async ({ server, transport }) => {
      const headers = {
        date: 'Sat, 21 Nov 2026 10:00:00 GMT',
        'retry-after': 'Sat, 21 Nov 2026 10:05:00 GMT',
      };
      server.switches.faults.push(
        faultAt(sending, { kind: 'answer', status: 429, code: 'TooManyRequests', headers }),
      );
      const outcome = await transport.send(mailTo(['a@example.test']), noAbort());
      expect(outcome).toMatchObject({ kind: 'throttled', retryAfterMs: 300_000 });
    });
  });

  test('nothing is asked until the time has passed, whoever asks', async () => {
    let nowMs = 0;
    const clock = { now: () => new Date(), monotonicMs: () => nowMs };
    await withGraph(
      async ({ server, transport }) => {
        server.switches.faults.push(
          faultAt(sending, {
            kind: 'answer',
            status: 429,
            code: 'TooManyRequests',
            headers: { 'retry-after': '5' },
          }),
        );
        await transport.send(mailTo(['a@example.test']), noAbort());
        nowMs = 4000;
        await expect(transport.send(mailTo(['a@example.test']), noAbort())).resolves.toMatchObject({
          kind: 'throttled',
          retryAfterMs: 1000,
        });
        await expect(transport.findSent?.('<a@b>', noAbort())).resolves.toBeNull();
        expect(server.requests).toHaveLength(1);
        nowMs = 5000;
        const outcome = await transport.send(mailTo(['a@example.test']), noAbort());
        expect(outcome.kind).toBe('accepted');
      },
      { clock },
    );
  });
});

describe('tokens', () => {
  test('a refused one is replaced once, and the mail goes out once', async () => {
    await withGraph(async ({ server, transport }) => {
      server.switches.faults.push(
        faultAt(sending, { kind: 'answer', status: 401, code: 'InvalidAuthenticationToken' }),
      );
      let starts = 0;
      const mail = mailTo(['a@example.test'], [], {
        mayStart: () => {
          starts += 1;
          return Promise.resolve(true);
        },
      });
      await expect(transport.send(mail, noAbort())).resolves.toMatchObject({ kind: 'accepted' });
      expect(starts).toBe(1);
      expect(server.deliveries).toHaveLength(1);
    });
  });

  test('an application’s own token asks for the mailbox by name', async () => {
    const seen: string[] = [];
    await withGraph(
      async ({ server, transport }) => {
        await expect(transport.send(mailTo(['a@example.test']), noAbort())).resolves.toMatchObject({
          kind: 'credentials',
        });
        server.tokens.set('app', { clientId: 'c', mailbox: null, scopes: ['Mail.Send'] });
        await expect(transport.send(mailTo(['a@example.test']), noAbort())).resolves.toMatchObject({
          kind: 'accepted',
        });
        seen.push(...server.requests);
      },
      {
        access: 'app_only',
        tokens: { accessToken: () => Promise.resolve({ kind: 'token', token: 'app' }) },
      },
    );
    expect(seen.at(-1)).toBe('POST /v1.0/users/sender%40example.test/sendMail 202');
  });

  test('no token: what its source says, and no turn is taken', async () => {
    const fault = { stage: 'token', scope: 'mailbox', code: 'OAUTH_CONSENT_MISSING', reply: null } as const;
    await withGraph(
      async ({ server, transport }) => {
        const outcome = await transport.send(mailTo(['a@example.test']), noAbort());
        expect(outcome).toEqual({ kind: 'credentials', fault });
        expect(server.requests).toEqual([]);
      },
      {
        tokens: { accessToken: () => Promise.resolve({ kind: 'credentials', fault }) },
        slots: { take: () => Promise.reject(new Error('No turn may be taken')) },
      },
    );
  });
});
