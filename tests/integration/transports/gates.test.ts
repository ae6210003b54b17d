import { describe, expect, test } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { OutgoingMail } from '#lib/transports/contract.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { reply, stall } from '#tests/servers/smtp/hostile-script.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';

const kept = closeAfterEach();

async function start(script: Parameters<typeof startHostileServer>[0] = {}) {
  const server = kept(await startHostileServer(script));
  return { server, transport: kept(buildTransport(smtpOptions(server.port))) };
}

function manyChunks(changes: Partial<OutgoingMail>): OutgoingMail {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  return testMail({
    sizeBytes: 10 * chunk.length,
    open: async function* () {
      for (let index = 0; index < 10; index += 1) yield chunk;
    },
    ...changes,
  });
}

describe('the gate before the first byte', () => {
  test('is asked while the envelope is under way, and the content waits for its answer', async () => {
    const started = Promise.withResolvers<boolean>();
    const order: string[] = [];
    const { server, transport } = await start({
      reactions: { data: () => (order.push('DATA seen'), reply('354 go')) },
    });
    const sent = transport.send(
      testMail({
        mayStart: () => {
          order.push('asked');
          return started.promise;
        },
        open: async function* () {
          order.push('opened');
          yield Buffer.from('Subject: x\r\n\r\nx\r\n');
        },
      }),
      noAbort(),
    );
    await expect.poll(() => order).toEqual(['asked', 'DATA seen']);
    expect(server.contentBytes()).toBe(0);
    started.resolve(true);
    await expect(sent).resolves.toMatchObject({ kind: 'accepted' });
    expect(order).toEqual(['asked', 'DATA seen', 'opened']);
  });

  test('answering no, or failing, sends nothing and withholds the mail', async () => {
    const { server, transport } = await start();
    const no = await transport.send(testMail({ mayStart: () => Promise.resolve(false) }), noAbort());
    const failed = await transport.send(
      testMail({ mayStart: () => Promise.reject(new Error('database')) }),
      noAbort(),
    );
    expect([no, failed]).toEqual([{ kind: 'withheld' }, { kind: 'withheld' }]);
    expect(server.contentBytes()).toBe(0);
  });

  test('is asked once, though the mail goes over a second connection', async () => {
    const { server, transport } = await start();
    await transport.send(testMail(), noAbort());
    server.dropAll();
    let asked = 0;
    const mail = testMail({
      mayStart: () => {
        asked += 1;
        return Promise.resolve(true);
      },
    });
    await expect(transport.send(mail, noAbort())).resolves.toMatchObject({ kind: 'accepted' });
    expect(asked).toBe(1);
    expect(server.contents).toHaveLength(2);
  });
});

describe('the gate before the last bytes', () => {
  test('closed: end-of-data never leaves', async () => {
    const { server, transport } = await start();
    const outcome = await transport.send(manyChunks({ mayFinish: () => false }), noAbort());
    expect(outcome).toEqual({ kind: 'withheld' });
    expect(server.contents).toEqual([]);
  });

  test('closed on a mail of one piece: not one byte leaves', async () => {
    const { server, transport } = await start();
    const outcome = await transport.send(testMail({ mayFinish: () => false }), noAbort());
    expect(outcome).toEqual({ kind: 'withheld' });
    expect(server.contentBytes()).toBe(0);
  });
});

describe('the signal', () => {
  test('before end-of-data: withheld', async () => {
    const controller = new AbortController();
    const { server, transport } = await start();
    const outcome = transport.send(
      testMail({
        mayStart: () => {
          setImmediate(() => controller.abort());
          return new Promise(() => undefined);
        },
      }),
      controller.signal,
    );
    await expect(outcome).resolves.toEqual({ kind: 'withheld' });
    expect(server.contentBytes()).toBe(0);
  });

  test('after end-of-data: uncertain', async () => {
    const controller = new AbortController();
    const { server, transport } = await start({ reactions: { endOfData: stall } });
    const outcome = transport.send(testMail(), controller.signal);
    await expect.poll(() => server.contents.length).toBe(1);
    controller.abort();
    await expect(outcome).resolves.toMatchObject({
      kind: 'uncertain',
      fault: { stage: 'answer', code: 'SMTP_ABORTED' },
    });
  });

  test('while connecting and while waiting for a free connection: withheld', async () => {
    const controller = new AbortController();
    const { server, transport } = await start({ reactions: { greeting: stall } });
    const sends = [1, 2, 3, 4].map(() => transport.send(testMail(), controller.signal));
    await expect.poll(() => server.connectionCount()).toBe(2);
    controller.abort();
    await expect(Promise.all(sends)).resolves.toEqual(sends.map(() => ({ kind: 'withheld' })));
  });
});

describe('the content', () => {
  test('that cannot be read ends the try, and the server gets no mail', async () => {
    const { server, transport } = await start();
    const outcome = await transport.send(
      manyChunks({
        open: async function* () {
          yield Buffer.from('Subject: x\r\n');
          throw new Error('lost');
        },
      }),
      noAbort(),
    );
    expect(outcome).toMatchObject({ kind: 'temporary', fault: { code: 'SMTP_CONTENT_UNREADABLE' } });
    expect(server.contents).toEqual([]);
  });

  test('of many pieces arrives whole, dots doubled, lines ended by CRLF', async () => {
    const { server, transport } = await start();
    const outcome = await transport.send(
      testMail({
        open: async function* () {
          for (const piece of ['Subject: x\r\n', '\r\n.', 'a\r\n', '..b\r', '\n', '', 'end'])
            yield Buffer.from(piece);
        },
      }),
      noAbort(),
    );
    expect(outcome.kind).toBe('accepted');
    expect(server.contents).toEqual(['Subject: x\r\n\r\n..a\r\n...b\r\nend\r\n']);
  });
});
