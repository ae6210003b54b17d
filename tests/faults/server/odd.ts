import assert from 'node:assert/strict';
import { isAscii } from 'node:buffer';
import { raw, reply, usual } from '#tests/servers/smtp/hostile-script.ts';
import type { Fault } from '../fault.ts';
import { smtpInput } from '../support/settings.ts';

/** Line ends that RFC 5321 2.3.8 forbids. */
export const wrongLineEnds: Fault = {
  name: 'wrong-line-ends',
  title: 'the server ends its lines with a bare LF for a while: no mail is taken for another, each arrives',
  needs: 'hasty',
  run: async (ground) => {
    const endsMs = performance.now() + 4_000;
    const bare = (text: string) => () => (performance.now() < endsMs ? raw(`${text}\n`) : usual);
    const sink = await ground.startSink({
      reactions: {
        greeting: bare('220 odd.test ESMTP'),
        mail: bare('250 2.1.0 Ok'),
        rcpt: bare('250 2.1.5 Ok'),
      },
    });
    const desk = await ground.openDesk(sink);
    await desk.accept(20);
    await desk.settled();
    assert.equal(sink.mailbox.size, 20);
  },
};

/** A server of the old school takes every mail as it was stored: 7-bit. */
export const plainServer: Fault = {
  name: 'plain-server',
  title:
    'the server knows neither 8BITMIME nor SMTPUTF8 nor PIPELINING: mail in every script arrives in 7 bits',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink({ ehlo: [] });
    const desk = await ground.openDesk(sink);
    await desk.accept(10, { subject: 'Grüße · 你好 · שלום' });
    await desk.settled();
    assert.ok(sink.server.contents.every((content) => isAscii(Buffer.from(content))));
  },
};

/** RFC 1870. */
export const smallSize: Fault = {
  name: 'small-size',
  title: 'the server takes no mail above 20,000 bytes: the large ones fail with that reason, the others go',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink({
      ehlo: ['PIPELINING', '8BITMIME', 'SIZE 20000'],
      reactions: {
        mail: (line) =>
          Number(/SIZE=(?<size>\d+)/.exec(line)?.groups?.['size'] ?? 0) > 20_000
            ? reply('552 5.3.4 Message size exceeds fixed limit')
            : usual,
      },
    });
    const desk = await ground.openDesk(sink);
    await desk.accept(10);
    await desk.accept(5, { bodyBytes: 100_000 });
    await desk.settled();
    assert.deepEqual(await desk.states(), { sent: 10, failed: 5 });
  },
};

function proof(password: string): string {
  return Buffer.from(`\0sender\0${password}`).toString('base64');
}

function withPassword(value: string) {
  return {
    authentication: { kind: 'basic' as const, userName: 'sender', password: { kind: 'set' as const, value } },
  };
}

/** The sign-in fails in mid-drain, and is good again when a person has saved another password. */
export const signInRefused: Fault = {
  name: 'sign-in-refused',
  title:
    'the server refuses the password in mid-drain: the lane stops, no mail fails, a new password sends them all',
  needs: 'desk',
  run: async (ground) => {
    let good = 'first password';
    const sink = await ground.startSink({
      ehlo: ['PIPELINING', '8BITMIME', 'AUTH PLAIN'],
      reactions: {
        auth: (line) =>
          line.endsWith(proof(good)) ? usual : reply('535 5.7.8 Authentication credentials invalid'),
      },
    });
    const desk = await ground.openDesk(sink, { connection: withPassword(good) });
    await desk.accept(200);
    await sink.mailbox.reached(20);
    good = 'second password';
    sink.server.dropAll();
    await desk.stopped();
    const { failed = 0 } = await desk.states();
    assert.equal(failed, 0);
    await desk.save(smtpInput({ port: sink.port, connection: withPassword(good) }));
    await desk.settled();
  },
};
