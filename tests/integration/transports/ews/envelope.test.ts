import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { EwsTransportOptions } from '#lib/transports/ews/settings.ts';
import { defaultEwsSimulatorOptions } from '#tests/servers/ews/simulator.ts';
import { ewsOptions } from '#tests/servers/ews/options.ts';
import { makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { noAbort, testMail } from '#tests/servers/smtp/options.ts';
import { ewsScenes, mime } from './scene.ts';

const startScene = ewsScenes();

// Neither is documented: the envelope must hold whichever way a server does it.
const servers = [
  ['ignored', 'replace'],
  ['ignored', 'add'],
  ['honoured', 'replace'],
  ['honoured', 'add'],
] as const;

describe.each(servers)(
  'PRODUCT 4.9: a Bcc header is %s, recipient elements %s',
  (mimeBcc, recipientElements) => {
    const undocumented = { ...defaultEwsSimulatorOptions.undocumented, mimeBcc, recipientElements };

    test.each([
      [
        'the header names A and B, the envelope A',
        ['To: a@example.test, b@example.test'],
        ['a@example.test'],
      ],
      ['Bcc only', ['To: undisclosed-recipients:;'], ['x@example.test', 'y@example.test']],
      ['no To at all', [], ['x@example.test']],
      ['A is shown, B is hidden', ['To: a@example.test'], ['a@example.test', 'b@example.test']],
      [
        'To, Cc and hidden',
        ['To: a@example.test', 'Cc: c@example.test, d@example.test'],
        ['a@example.test', 'c@example.test', 'x@example.test'],
      ],
      ['a mail to someone else', ['To: a@example.test'], ['z@example.test']],
      ['a Bcc header that slipped in', ['To: a@example.test', 'Bcc: q@example.test'], ['a@example.test']],
    ] as const)('%s: exactly the envelope gets it', async (_what, headers, to) => {
      const { server, send } = await startScene({ undocumented });
      const outcome = await send(
        { envelope: { from: 'sender@example.test', to } },
        mime('From: sender@example.test', ...headers),
      );
      expect(outcome.kind).toBe('accepted');
      expect(server.mails).toHaveLength(1);
      expect(server.mails[0]?.to.toSorted()).toEqual([...to].toSorted());
      expect(server.mails[0]?.content).not.toMatch(/^bcc:|[qb]@example/im);
    });
  },
);

test('what was changed is told', async () => {
  const { send } = await startScene();
  const outcome = await send(
    { envelope: { from: 'sender@example.test', to: ['a@example.test'] } },
    mime('To: a@example.test, B <b@example.test>', 'Resent-Cc: r@example.test'),
  );
  expect(outcome).toMatchObject({
    kind: 'accepted',
    changes: [
      { code: 'HEADER_RECIPIENT_REMOVED', detail: 'To: b@example.test' },
      { code: 'HEADER_REMOVED', detail: 'Resent-Cc' },
    ],
  });
});

test('an address that would spoil the whole mail is refused by itself', async () => {
  const { server, send } = await startScene();
  const to = ['a@example.test', 'no address', 'b@example.test;c@example.test'];
  const outcome = await send({ envelope: { from: 'sender@example.test', to } }, mime('To: a@example.test'));
  expect(outcome).toMatchObject({
    kind: 'accepted',
    perRecipient: [
      { kind: 'accepted', address: 'a@example.test' },
      { kind: 'permanent', address: 'no address', code: 'EWS_ADDRESS_INVALID' },
      { kind: 'permanent', address: 'b@example.test;c@example.test', code: 'EWS_ADDRESS_INVALID' },
    ],
  });
  expect(server.mails[0]?.to).toEqual(['a@example.test']);
  const nobody = await send({ envelope: { from: 'sender@example.test', to: ['no address'] } });
  expect(nobody).toMatchObject({ kind: 'permanent', fault: { code: 'EWS_ADDRESS_INVALID' } });
  expect(server.mails).toHaveLength(1);
});

const delegate = { address: 'shared@example.test', access: 'delegate' } as const;
const impersonation = { address: 'shared@example.test', access: 'impersonation' } as const;

test.each<[string, Partial<EwsTransportOptions>, RegExp]>([
  ['a copy is kept', {}, /MessageDisposition="SendAndSaveCopy"/],
  ['no copy is kept', { savesCopy: false }, /MessageDisposition="SendOnly"/],
  ['another mailbox by right', { mailbox: delegate }, /Id="sentitems"><t:Mailbox><t:EmailAddress>shared@/],
  ['another mailbox, spoken for', { mailbox: impersonation }, /<t:PrimarySmtpAddress>shared@/],
])('%s', async (_what, options, soap) => {
  const { server, send } = await startScene({ maySendAs: ['shared@example.test'] }, options);
  const outcome = await send({}, mime('From: shared@example.test', 'To: reader@example.test'));
  expect(outcome.kind).toBe('accepted');
  const [request] = server.requests;
  expect(request?.soap).toMatch(soap);
  expect(request?.headers['x-anchormailbox']).toBe(options.mailbox?.address);
  expect(server.mails[0]?.isCopySaved).toBe(options.savesCopy ?? true);
});

test('an anchor of its own goes before the mailbox', async () => {
  const { server, send } = await startScene({}, { anchorMailbox: 'anchor@example.test' });
  await send();
  expect(server.requests[0]?.headers['x-anchormailbox']).toBe('anchor@example.test');
});

describe('a large mail', () => {
  const header = Buffer.from(mime('From: sender@example.test', 'To: reader@example.test'));
  const piece = Buffer.alloc(128 * 1024, `${'x'.repeat(76)}\r\n`);

  /** A mail of so many pieces, which counts those that were read. */
  function largeMail(pieces: number) {
    const read = { pieces: 0 };
    const changes = {
      sizeBytes: header.length + pieces * piece.length,
      open: async function* () {
        yield header;
        for (; read.pieces < pieces; read.pieces += 1) yield piece;
      },
    };
    return { read, changes };
  }

  test('arrives whole', async () => {
    const { server, send } = await startScene();
    const { changes } = largeMail(64);
    expect((await send(changes)).kind).toBe('accepted');
    expect(server.mails[0]?.content.length).toBe(changes.sizeBytes);
  });

  test('is read no faster than the server takes it, and a time-out before its end leaves nothing in doubt', async () => {
    const { cert, key } = await makeCertificate({ names: ['127.0.0.1'] });
    const sockets: Socket[] = [];
    const deaf = createServer({ cert, key }, (socket) => {
      sockets.push(socket.pause().on('error', () => undefined));
    });
    await new Promise<void>((resolve) => {
      deaf.listen(0, '127.0.0.1', resolve);
    });
    const address = deaf.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const url = `https://127.0.0.1:${port}/EWS/Exchange.asmx`;
    const options = ewsOptions({ url, certificate: cert });
    const transport = buildTransport({ ...options, deadlines: { ...options.deadlines, sendMs: 700 } });
    const { read, changes } = largeMail(800);
    const outcome = await transport.send(testMail(changes), noAbort());
    expect(outcome).toMatchObject({ kind: 'unreachable', fault: { code: 'HTTP_TIMEOUT' } });
    expect(read.pieces).toBeGreaterThan(0);
    expect(read.pieces).toBeLessThan(200);
    await transport.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      deaf.close(resolve);
    });
  });
});
