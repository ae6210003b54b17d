import { expect, test } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { TranscriptLine } from '#lib/transports/contract.ts';
import { makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { reply } from '#tests/servers/smtp/hostile-script.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';

const kept = closeAfterEach();

test('PRODUCT 2.11: the dialogue of the mails that ask for it, without secrets and without the content', async () => {
  const certificate = await makeCertificate({ names: ['127.0.0.1'] });
  const server = kept(
    await startRealServer({ ...certificate, disabledCommands: [], authMethods: ['LOGIN'] }),
  );
  const transport = kept(
    buildTransport(
      smtpOptions(server.port, {
        tlsPolicy: 'required',
        customCa: certificate.cert,
        maxConnections: 1,
        authentication: { userName: 'sender@example.test', password: 'correct horse' },
      }),
    ),
  );
  const dialogues: (readonly TranscriptLine[])[] = [];
  const asked = () => testMail({ keepDialogue: (lines) => dialogues.push(lines) });
  await transport.send(asked(), noAbort());
  await transport.send(testMail(), noAbort());
  await transport.send(asked(), noAbort());
  expect(dialogues).toHaveLength(2);
  const [first = [], second = []] = dialogues.map((lines) =>
    lines
      .map(({ direction, text }) => `${direction}: ${text}`)
      .filter((line) => !/received: 250[- ]/.test(line)),
  );
  expect(first).toEqual([
    expect.stringMatching(/^received: 220 /),
    'sent: EHLO mailroom.test',
    'sent: STARTTLS',
    expect.stringMatching(/^received: 220 /),
    'sent: EHLO mailroom.test',
    'sent: AUTH LOGIN ***',
    'received: 334 VXNlcm5hbWU6',
    'sent: ***',
    'received: 334 UGFzc3dvcmQ6',
    'sent: ***',
    expect.stringMatching(/^received: 235 /),
    expect.stringMatching(/^sent: MAIL FROM:<sender@example.test>/),
    'sent: RCPT TO:<reader@example.test>',
    'sent: DATA',
    expect.stringMatching(/^received: 354 /),
  ]);
  expect(second[0]).toBe('note: On a connection that has carried 2 mails before');
  expect(second[1]).toMatch(/^sent: MAIL FROM/);
  expect(JSON.stringify(dialogues)).not.toContain('A line.');
});

test('a refusal is in the dialogue, and so is a connection that never came about', async () => {
  const server = kept(await startHostileServer({ reactions: { rcpt: reply('550 5.1.1 no such user') } }));
  const transport = kept(buildTransport(smtpOptions(server.port)));
  const dialogues: (readonly TranscriptLine[])[] = [];
  const mail = testMail({ keepDialogue: (lines) => dialogues.push(lines) });
  await transport.send(mail, noAbort());
  expect(dialogues[0]?.map(({ text }) => text)).toContain('550 5.1.1 no such user');
  const nowhere = kept(buildTransport(smtpOptions(1)));
  await nowhere.send(mail, noAbort());
  expect(dialogues[1]).toEqual([]);
});
