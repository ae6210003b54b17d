import { expect, test } from 'vitest';
import type { TranscriptLine } from '#lib/transports/contract.ts';
import { defaultEwsSimulatorOptions } from '#tests/servers/ews/simulator.ts';
import { tokensInOrder } from '#tests/servers/ews/options.ts';
import { noAbort, testMail } from '#tests/servers/smtp/options.ts';
import { ewsScenes } from './scene.ts';

const startScene = ewsScenes();
const { undocumented } = defaultEwsSimulatorOptions;

test('PRODUCT 4.8: a mail whose answer was lost is found; one that never came is not', async () => {
  const { transport, server } = await startScene({
    react: (operation, count) => (operation === 'CreateItem' ? { kind: 'reset', send: count === 1 } : null),
  });
  const taken = testMail();
  const lost = testMail();
  expect(await transport.send(taken, noAbort())).toMatchObject({ kind: 'uncertain' });
  expect(await transport.send(lost, noAbort())).toMatchObject({ kind: 'uncertain' });
  expect(server.mails).toHaveLength(1);
  expect(await transport.findSent?.(taken.messageId, noAbort())).toBe(true);
  expect(await transport.findSent?.(lost.messageId, noAbort())).toBe(false);
});

test('where the server gives a Message-ID of its own, our mark finds the mail', async () => {
  const { transport } = await startScene({ undocumented: { ...undocumented, messageId: 'replaced' } });
  const mail = testMail();
  await transport.send(mail, noAbort());
  expect(await transport.findSent?.(mail.messageId, noAbort())).toBe(true);
});

test('a copy that is seen late is looked for again after each pause', async () => {
  const paused: number[] = [];
  const { transport, server } = await startScene(
    { undocumented: { ...undocumented, looksUntilVisible: 2 } },
    {
      lookUpPausesMs: [0, 2000, 5000, 15_000],
      pause: (milliseconds) => {
        paused.push(milliseconds);
        return Promise.resolve();
      },
    },
  );
  const mail = testMail();
  await transport.send(mail, noAbort());
  expect(await transport.findSent?.(mail.messageId, noAbort())).toBe(true);
  expect(paused).toEqual([2000, 5000]);
  expect(server.requests.filter(({ operation }) => operation === 'FindItem')).toHaveLength(3);
});

test('what could not be looked up is not "not there"', async () => {
  const { transport, server } = await startScene({ react: () => ({ kind: 'status', status: 503 }) });
  expect(await transport.findSent?.('<a@example.test>', noAbort())).toBeNull();
  await server.close();
  expect(await transport.findSent?.('<a@example.test>', noAbort())).toBeNull();
  expect(await transport.findSent?.('<a@example.test>', AbortSignal.abort())).toBeNull();
});

test('the waits end with the signal', async () => {
  const controller = new AbortController();
  const { transport } = await startScene({}, { lookUpPausesMs: [0, 600_000] });
  const looked = transport.findSent?.('<a@example.test>', controller.signal);
  controller.abort();
  expect(await looked).toBeNull();
});

test('without a copy nothing can be looked up', async () => {
  const { transport } = await startScene({}, { savesCopy: false });
  expect('findSent' in transport).toBe(false);
});

test('a refused token is replaced for a look too', async () => {
  const authentication = { kind: 'bearer', tokens: tokensInOrder('old', 'good-token-for-sender') } as const;
  const { transport } = await startScene({}, { authentication });
  expect(await transport.findSent?.('<a@example.test>', noAbort())).toBe(false);
});

test('PRODUCT 2.11: the dialogue has requests and answers, but neither secrets nor the mail', async () => {
  const secrets = ['correct horse', 'revoked-opaque-token', 'good-token-for-sender'];
  const dialogues: (readonly TranscriptLine[])[] = [];
  const signIns = [
    { kind: 'basic', userName: 'sender@example.test', password: 'correct horse' },
    { kind: 'ntlm', userName: 'sender@example.test', password: 'correct horse' },
    { kind: 'bearer', tokens: tokensInOrder('revoked-opaque-token', 'good-token-for-sender') },
  ] as const;
  for (const authentication of signIns) {
    const { transport } = await startScene(
      {
        react: () => ({
          kind: 'refusal',
          code: 'ErrorInvalidRecipients',
          details: { text: `You said ${secrets.join(' and ')}` },
        }),
      },
      { authentication },
    );
    const mail = testMail(
      { keepDialogue: (lines) => dialogues.push(lines) },
      'Subject: Private\r\n\r\nPrivate\r\n',
    );
    const outcome = await transport.send(mail, noAbort());
    dialogues.push([{ atMs: 0, direction: 'note', text: JSON.stringify(outcome) }]);
  }
  const own = dialogues.flatMap((lines, index) =>
    lines.map(({ text }) => ({ text, own: index < 4 ? ['correct horse'] : secrets.slice(1) })),
  );
  for (const { text, own: mine } of own) {
    for (const secret of mine) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(0, -3));
    }
    expect(text).not.toContain('Private');
    expect(text).not.toContain(Buffer.from('Private\r\n').toString('base64').slice(0, -3));
  }
  const [basic = [], , ntlm = []] = dialogues.map((lines) =>
    lines.map(({ direction, text }) => `${direction}: ${text}`),
  );
  expect(basic).toContain('sent: authorization: Basic ***');
  expect(basic).toContain('sent: <m:CreateItem MessageDisposition="SendAndSaveCopy">');
  expect(basic).toContainEqual(
    expect.stringMatching(/^sent: <t:MimeContent>\*\*\* \d+ bytes of the mail \*\*\*<\/t:MimeContent>$/),
  );
  expect(basic).toContain('received: HTTP/1.1 200');
  expect(ntlm.filter((line) => line === 'sent: authorization: NTLM ***')).toHaveLength(2);
  expect(ntlm).toContain('received: HTTP/1.1 401');
});
