import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import type { HttpClient } from '#lib/transports/http/client.ts';
import { HttpDialogue } from '#lib/transports/http/dialogue.ts';
import type { HttpRequest } from '#lib/transports/http/request.ts';
import { Transcript } from '#lib/transports/transcript.ts';
import { noAbort } from '#tests/servers/smtp/options.ts';
import { bodyOf, clientFor, startHttpsServer, type TestHttpsServer } from './https-server.ts';

const closing: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Answer = Parameters<typeof startHttpsServer>[0];

async function desk(answer: Answer): Promise<{ server: TestHttpsServer; client: HttpClient }> {
  const server = await startHttpsServer(answer);
  const client = clientFor(server.authority);
  closing.push(
    () => server.close(),
    () => client.close(),
  );
  return { server, client };
}

function post(url: string, changes: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'POST', url, headers: {}, body: 'hello', deadlineMs: 5000, ...changes };
}

const megabyte = Buffer.alloc(1024 * 1024, 'x');

function streamed(pieces: number, said = pieces): HttpRequest['body'] {
  return {
    sizeBytes: said * megabyte.length,
    open: async function* () {
      for (let piece = 0; piece < pieces; piece += 1) yield megabyte;
    },
  };
}

describe('an exchange', () => {
  test('carries head and body, and gives back the whole answer, whatever its status', async () => {
    const { server, client } = await desk(async (request, response) => {
      const body = await bodyOf(request);
      response.writeHead(429, { 'Retry-After': '3', 'content-type': 'text/plain' });
      response.end(`${request.method} ${request.url} ${String(request.headers['x-own'])} ${body.length}`);
    });
    const result = await client.request(
      post(`${server.url}/a?b=1`, { headers: { 'x-own': 'y' }, body: streamed(3) }),
      noAbort(),
    );
    expect(result).toMatchObject({
      kind: 'answered',
      answer: { status: 429, headers: { 'retry-after': '3' } },
    });
    const body = result.kind === 'answered' ? result.answer.body.toString() : '';
    expect(body).toBe(`POST /a?b=1 y ${3 * megabyte.length}`);
  });

  test('follows no redirect and keeps no cookie', async () => {
    const cookies: (string | undefined)[] = [];
    const { server, client } = await desk((request, response) => {
      cookies.push(request.headers.cookie);
      response.writeHead(307, { location: `${server.url}/elsewhere`, 'set-cookie': 'a=b' });
      response.end();
    });
    for (const _time of [1, 2]) {
      const result = await client.request(post(server.url), noAbort());
      expect(result).toMatchObject({ kind: 'answered', answer: { status: 307 } });
    }
    expect(cookies).toEqual([undefined, undefined]);
  });

  test('uses a connection again, opens at most as many as allowed, and leaves none behind', async () => {
    const { server, client } = await desk(async (request, response) => {
      await bodyOf(request);
      response.end('ok');
    });
    await client.request(post(server.url), noAbort());
    await client.request(post(server.url), noAbort());
    expect(server.connections()).toBe(1);
    await Promise.all(Array.from({ length: 20 }, () => client.request(post(server.url), noAbort())));
    expect(server.connections()).toBe(4);
    await client.close();
    await expect(client.request(post(server.url), noAbort())).resolves.toEqual({ kind: 'withheld' });
  });

  test('goes on by a fresh connection where the resting one was closed meanwhile', async () => {
    const { server, client } = await desk(async (request, response) => {
      await bodyOf(request);
      response.end('ok');
    });
    await client.request(post(server.url), noAbort());
    const closed = once(server.lastSocket(), 'close');
    server.server.closeAllConnections();
    await closed;
    await new Promise((resolve) => setTimeout(resolve, 0));
    await expect(client.request(post(server.url), noAbort())).resolves.toMatchObject({ kind: 'answered' });
    expect(server.connections()).toBe(2);
  });

  test('a body-less POST says so and passes both gates', async () => {
    const lengths: (string | undefined)[] = [];
    const { server, client } = await desk((request, response) => {
      lengths.push(request.headers['content-length']);
      response.end();
    });
    const asked: string[] = [];
    const gates = {
      mayStart: () => Promise.resolve(asked.push('start') > 0),
      mayFinish: () => asked.push('finish') > 0,
    };
    await client.request(post(server.url, { body: null, gates }), noAbort());
    expect(asked).toEqual(['start', 'finish']);
    expect(lengths).toEqual(['0']);
    const closed = { mayFinish: () => false };
    const result = await client.request(post(server.url, { body: null, gates: closed }), noAbort());
    expect(result).toEqual({ kind: 'withheld' });
    expect(lengths).toHaveLength(1);
  });
});

describe('what may have arrived', () => {
  test('a break while the body goes out: surely not', async () => {
    const { server, client } = await desk((request) => {
      request.once('data', () => request.socket.destroy());
    });
    const result = await client.request(post(server.url, { body: streamed(30) }), noAbort());
    expect(result).toMatchObject({
      kind: 'failed',
      mayHaveArrived: false,
      fault: { stage: 'http', code: 'HTTP_CONNECTION_LOST' },
    });
  });

  test('a break after the body was read: perhaps; and nothing is asked twice', async () => {
    let asked = 0;
    const { server, client } = await desk(async (request) => {
      asked += 1;
      await bodyOf(request);
      request.socket.destroy();
    });
    const result = await client.request(post(server.url), noAbort());
    expect(result).toMatchObject({ kind: 'failed', mayHaveArrived: true });
    expect(asked).toBe(1);
  });

  test('an answer that comes before the body was read is the answer', async () => {
    const { server, client } = await desk((_request, response) => {
      response.writeHead(413, { connection: 'close' });
      response.end('too large');
    });
    const result = await client.request(post(server.url, { body: streamed(30) }), noAbort());
    if (result.kind === 'answered') expect(result.answer.status).toBe(413);
    else expect(result).toMatchObject({ kind: 'failed', mayHaveArrived: false });
  });

  test.each([
    ['shorter', 2, 3],
    ['longer', 3, 2],
  ])('content %s than said: its end never leaves', async (_what, pieces, said) => {
    let whole = 0;
    const { server, client } = await desk((request) => {
      request.once('error', () => undefined);
      request.once('end', () => {
        whole += 1;
      });
      request.resume();
    });
    const result = await client.request(post(server.url, { body: streamed(pieces, said) }), noAbort());
    expect(result).toMatchObject({ kind: 'failed', mayHaveArrived: false });
    expect(result).toMatchObject({ fault: { code: 'HTTP_CONTENT_UNREADABLE' } });
    expect(whole).toBe(0);
  });

  test('a gate that says no before the end: withheld, and the server has no whole request', async () => {
    let whole = 0;
    const { server, client } = await desk((request) => {
      request.once('error', () => undefined);
      request.once('end', () => {
        whole += 1;
      });
      request.resume();
    });
    const gates = { mayFinish: () => false };
    const result = await client.request(post(server.url, { body: streamed(2), gates }), noAbort());
    expect(result).toEqual({ kind: 'withheld' });
    expect(whole).toBe(0);
  });

  test('the signal: withheld before the end has left, perhaps arrived after', async () => {
    const before = new AbortController();
    const { server, client } = await desk((request) => {
      request.once('error', () => undefined);
      request.resume();
    });
    const stuck = client.request(
      post(server.url, {
        body: {
          sizeBytes: 10,
          open: async function* () {
            yield Buffer.from('12345');
            yield Buffer.from('678');
            await new Promise((resolve) => before.signal.addEventListener('abort', resolve));
          },
        },
      }),
      before.signal,
    );
    setImmediate(() => before.abort());
    await expect(stuck).resolves.toEqual({ kind: 'withheld' });
    const after = new AbortController();
    const waiting = client.request(post(server.url), after.signal);
    server.server.once('request', (request) => request.once('end', () => after.abort()));
    await expect(waiting).resolves.toMatchObject({
      kind: 'failed',
      mayHaveArrived: true,
      fault: { code: 'HTTP_ABORTED' },
    });
  });
});

describe('hostile servers', () => {
  test('one that drips meets the overall deadline', async () => {
    const timers: NodeJS.Timeout[] = [];
    const { server, client } = await desk((_request, response) => {
      response.writeHead(200, { 'content-length': '100000' });
      timers.push(setInterval(() => response.write('x'), 20));
    });
    const result = await client.request(post(server.url, { deadlineMs: 300 }), noAbort());
    for (const timer of timers) clearInterval(timer);
    expect(result).toMatchObject({ kind: 'failed', mayHaveArrived: true, fault: { code: 'HTTP_TIMEOUT' } });
  });

  test('an answer without end is cut off', async () => {
    const { server, client } = await desk((_request, response) => {
      const pour = (): void => {
        while (!response.destroyed && response.write(megabyte));
        if (!response.destroyed) response.once('drain', pour);
      };
      pour();
    });
    const result = await client.request(post(server.url), noAbort());
    expect(result).toMatchObject({ kind: 'failed', fault: { code: 'HTTP_ANSWER_TOO_LARGE' } });
  });

  test('one that speaks something else is told apart from a broken line', async () => {
    const { server, client } = await desk(() => undefined);
    server.server.removeAllListeners('request');
    server.server.on('secureConnection', (socket) => socket.write('220 smtp ready\r\n'));
    const result = await client.request(post(server.url), noAbort());
    expect(result).toMatchObject({ kind: 'failed', fault: { stage: 'http', code: 'HTTP_PROTOCOL' } });
  });
});

test('the dialogue has no token, no cookie, no content', async () => {
  const { server, client } = await desk(async (request, response) => {
    await bodyOf(request);
    response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'session=topsecret' });
    response.end(
      JSON.stringify({ access_token: 'topsecret', uploadUrl: 'https://x/?t=topsecret', ok: 'yes' }),
    );
  });
  const transcript = new Transcript(() => 0, []);
  const request = post(`${server.url}/v1.0/me/sendMail?authtoken=topsecret`, {
    headers: { authorization: 'Bearer topsecret', 'content-type': 'text/plain', cookie2: 'x' },
    body: 'topsecret',
    dialogue: new HttpDialogue(transcript),
  });
  await client.request(request, noAbort());
  const text = transcript
    .lines()
    .map((line) => line.text)
    .join('\n');
  expect(text).not.toContain('topsecret');
  expect(text).toContain('authorization: Bearer ***');
  expect(text).toContain('9 bytes of content follow');
  expect(text).toContain('"ok": "yes"');
  expect(text).toContain('HTTP/1.1 200');
});
