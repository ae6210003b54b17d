import assert from 'node:assert/strict';
import { makeAuthority, makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { drop, usual, type HostileScript } from '#tests/servers/smtp/hostile-script.ts';
import type { Fault } from '../fault.ts';
import type { Ground, Sink } from '../support/ground.ts';

const names = ['127.0.0.1', 'localhost'];
const signIn = {
  kind: 'basic',
  userName: 'sender@example.test',
  password: { kind: 'set', value: 'correct horse' },
} as const;

/** Facts, fault 18, in mid-session. */
export const tlsCut: Fault = {
  name: 'tls-cut',
  title: 'encrypted sessions break off at chance, in the handshake and in the middle of a mail',
  needs: 'desk',
  run: async (ground) => {
    const authority = await makeAuthority();
    let left = ground.rounds(5, 30);
    const perhaps = () => {
      if (left === 0 || ground.random.below(6) > 0) return usual;
      left -= 1;
      return drop;
    };
    const sink = await ground.startSink({
      tls: await makeCertificate({ names, authority }),
      reactions: { starttls: perhaps, auth: perhaps, mail: perhaps, content: perhaps },
      ehlo: ['PIPELINING', '8BITMIME', 'AUTH PLAIN'],
    });
    const desk = await ground.openDesk(sink, {
      connection: { tlsPolicy: 'required', customCa: authority.cert, authentication: signIn },
    });
    await desk.accept(30);
    await desk.settled(140_000);
    assert.ok(
      sink.server.lines.filter(({ text }) => /^(AUTH|MAIL)/.test(text)).every(({ isSecure }) => isSecure),
    );
  },
};

/** Facts, fault 18: nothing leaves, and no password, while the server cannot be trusted. */
export const certificateChange: Fault = {
  name: 'certificate-change',
  title:
    'the server comes back with a bad certificate, or without TLS: no mail and no password leave until it is good',
  needs: 'desk',
  run: async (ground) => {
    const authority = await makeAuthority();
    const good = await makeCertificate({ names, authority });
    const yesterday = new Date(Date.now() - 86_400_000);
    const bad: Readonly<Record<string, HostileScript>> = {
      'of another authority': { tls: await makeCertificate({ names, authority: await makeAuthority() }) },
      'for another name': { tls: await makeCertificate({ names: ['other.example.test'], authority }) },
      expired: {
        tls: await makeCertificate({
          names,
          authority,
          validFrom: new Date(yesterday.getTime() - 86_400_000),
          validTo: yesterday,
        }),
      },
      'no STARTTLS': { tls: good, offersStartTls: false },
    };
    await Promise.all(
      Object.entries(bad).map(([, script]) => untrusted(ground, authority.cert, good, script)),
    );
  },
};

async function untrusted(
  ground: Ground,
  customCa: string,
  good: NonNullable<HostileScript['tls']>,
  script: HostileScript,
): Promise<void> {
  const ehlo = ['PIPELINING', '8BITMIME', 'AUTH PLAIN'];
  const first = await ground.startSink({ tls: good, ehlo });
  const desk = await ground.openDesk(first, {
    connection: { tlsPolicy: 'required', customCa, authentication: signIn },
  });
  await desk.accept(20);
  await first.mailbox.reached(5);
  await first.server.close();
  const second = await ground.startSink({ ...script, ehlo, port: first.port }, first.mailbox);
  await desk.accept(5);
  await untilAsked(second);
  await second.server.close();
  assert.deepEqual(second.server.deliveries, []);
  const told = second.server.lines.filter(({ text }) => /^(AUTH|MAIL)/.test(text));
  assert.equal(told.length, 0, `it was told more than a greeting: ${JSON.stringify(told)}`);
  await ground.startSink({ tls: good, ehlo, port: first.port }, first.mailbox);
  // A certificate that cannot be trusted may have stopped the lane: saving is what a person does about it.
  await desk.tryAgain();
  await desk.settled();
}

async function untilAsked(sink: Sink): Promise<void> {
  const endsMs = performance.now() + 20_000;
  while (sink.server.connectionCount() < 2 && performance.now() < endsMs) {
    await new Promise((next) => setTimeout(next, 50));
  }
  assert.ok(sink.server.connectionCount() > 0, 'the worker never came');
}
