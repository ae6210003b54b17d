import { describe, expect, test } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { reply, replyAndDrop } from '#tests/servers/smtp/hostile-script.ts';
import { startFastSink } from '#tests/servers/smtp/fast-sink.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, patientDeadlines, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';

const kept = closeAfterEach();

describe('connections', () => {
  test('are used again, and never more than allowed are open', async () => {
    const server = kept(await startHostileServer());
    const transport = kept(buildTransport(smtpOptions(server.port, { maxConnections: 3 })));
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, () => transport.send(testMail(), noAbort())),
    );
    expect(outcomes.every((outcome) => outcome.kind === 'accepted')).toBe(true);
    expect(server.contents).toHaveLength(40);
    expect(server.connectionCount()).toBe(3);
  });

  test('are changed for new ones after so many mails', async () => {
    const server = kept(await startHostileServer());
    const transport = kept(
      buildTransport(smtpOptions(server.port, { maxConnections: 1, maxMessagesPerConnection: 4 })),
    );
    for (let count = 0; count < 10; count += 1) await transport.send(testMail(), noAbort());
    expect(server.contents).toHaveLength(10);
    expect(server.connectionCount()).toBe(3);
  });

  test('that rest too long are closed with QUIT', async () => {
    const server = kept(await startHostileServer());
    const deadlines = { ...patientDeadlines, idleMs: 60 };
    const transport = kept(buildTransport(smtpOptions(server.port, { deadlines })));
    await transport.send(testMail(), noAbort());
    await expect.poll(() => server.lines.some((line) => line.text === 'QUIT')).toBe(true);
    await expect(transport.send(testMail(), noAbort())).resolves.toMatchObject({ kind: 'accepted' });
    expect(server.connectionCount()).toBe(2);
  });

  test('that the server closed while they rested cost the next mail nothing', async () => {
    const server = kept(await startHostileServer());
    const transport = kept(buildTransport(smtpOptions(server.port)));
    await transport.send(testMail(), noAbort());
    server.dropAll();
    await expect(transport.send(testMail(), noAbort())).resolves.toMatchObject({ kind: 'accepted' });
    expect(server.contents).toHaveLength(2);
  });

  test('on which the server says 421 to the second mail are replaced', async () => {
    const server = kept(
      await startHostileServer({
        reactions: {
          mail: (_line, times) => (times === 2 ? replyAndDrop('421 4.4.2 session over') : reply('250 Ok')),
        },
      }),
    );
    const transport = kept(buildTransport(smtpOptions(server.port)));
    await transport.send(testMail(), noAbort());
    await expect(transport.send(testMail(), noAbort())).resolves.toMatchObject({ kind: 'accepted' });
    expect(server.connectionCount()).toBe(2);
  });

  test('one that fails does not take the waiting mails with it', async () => {
    const server = kept(
      await startHostileServer({
        reactions: { endOfData: (_line, times) => (times === 1 ? { do: 'drop' } : reply('250 Ok')) },
      }),
    );
    const transport = kept(buildTransport(smtpOptions(server.port, { maxConnections: 1 })));
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => transport.send(testMail(), noAbort())),
    );
    expect(outcomes.map((outcome) => outcome.kind)).toEqual([
      'uncertain',
      'accepted',
      'accepted',
      'accepted',
      'accepted',
    ]);
  });
});

describe('close', () => {
  test('lets the mail under way finish, refuses new ones, and ends with QUIT', async () => {
    const server = kept(await startHostileServer());
    const transport = buildTransport(smtpOptions(server.port, { maxConnections: 1 }));
    const started = Promise.withResolvers<boolean>();
    let isAsked = false;
    const underWay = transport.send(
      testMail({
        mayStart: () => {
          isAsked = true;
          return started.promise;
        },
      }),
      noAbort(),
    );
    await expect.poll(() => isAsked).toBe(true);
    const waiting = transport.send(testMail(), noAbort());
    const closed = transport.close();
    await expect(waiting).resolves.toEqual({ kind: 'withheld' });
    await expect(transport.send(testMail(), noAbort())).resolves.toEqual({ kind: 'withheld' });
    started.resolve(true);
    await expect(underWay).resolves.toMatchObject({ kind: 'accepted' });
    await closed;
    await expect.poll(() => server.lines.at(-1)?.text).toBe('QUIT');
  });
});

describe('client bursts per mail', () => {
  test.each([
    [true, 2],
    [false, 4],
  ])('with PIPELINING %s: at most %i', async (pipelining, bound) => {
    const sink = kept(await startFastSink({ pipelining }));
    const transport = kept(
      buildTransport(smtpOptions(sink.port, { maxConnections: 1, maxMessagesPerConnection: 1000 })),
    );
    await transport.send(testMail(), noAbort());
    sink.reset();
    for (let count = 0; count < 50; count += 1) await transport.send(testMail(), noAbort());
    const { mails, bursts, messageIds } = sink.counts();
    expect({ mails, distinct: messageIds.size }).toEqual({ mails: 50, distinct: 50 });
    expect(bursts / mails).toBeLessThanOrEqual(bound);
  });
});
