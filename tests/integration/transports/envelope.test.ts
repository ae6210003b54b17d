import { describe, expect, test } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { reply, type HostileScript } from '#tests/servers/smtp/hostile-script.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';

const kept = closeAfterEach();

async function sendTo(script: HostileScript, from: string, to: readonly string[]) {
  const server = kept(await startHostileServer(script));
  const transport = kept(buildTransport(smtpOptions(server.port, { maxConnections: 1 })));
  const outcome = await transport.send(testMail({ envelope: { from, to } }), noAbort());
  const commands = server.lines.map((line) => line.text).filter((text) => /^(?:MAIL|RCPT)/.test(text));
  return { outcome, commands, server, transport };
}

/** Answers each RCPT by the local part of its address. */
const byLocalPart: HostileScript = {
  ehlo: ['PIPELINING', 'ENHANCEDSTATUSCODES'],
  reactions: {
    rcpt: (line) => {
      if (line.includes('<gone@')) return reply('550 5.1.1 no such user');
      if (line.includes('<grey@')) return reply('450 4.7.1 greylisted');
      if (line.includes('<over@')) return reply('452 4.5.3 too many recipients');
      if (line.includes('<quota@')) return reply('550 5.4.5 daily sending limit');
      return reply('250 2.1.5 Ok');
    },
  },
};

describe('recipients', () => {
  test('each has its own result when some are refused', async () => {
    const to = ['ok@x.test', 'gone@x.test', 'grey@x.test', 'over@x.test'];
    const { outcome } = await sendTo(byLocalPart, 'a@x.test', to);
    expect(outcome).toMatchObject({ kind: 'accepted', serverId: 'HOSTILE1' });
    expect('perRecipient' in outcome ? outcome.perRecipient : []).toMatchObject([
      { kind: 'accepted', address: 'ok@x.test' },
      { kind: 'permanent', address: 'gone@x.test', code: 'SMTP_RECIPIENT_UNKNOWN', reply: { code: 550 } },
      { kind: 'temporary', address: 'grey@x.test', code: 'SMTP_RECIPIENT_DEFERRED' },
      { kind: 'temporary', address: 'over@x.test', code: 'SMTP_TOO_MANY_RECIPIENTS' },
    ]);
  });

  test('all refused: temporary when one of them is, else permanent', async () => {
    const mixed = await sendTo(byLocalPart, 'a@x.test', ['gone@x.test', 'grey@x.test']);
    expect(mixed.outcome).toMatchObject({
      kind: 'temporary',
      fault: { stage: 'recipient', reply: { code: 450 } },
    });
    expect('perRecipient' in mixed.outcome ? mixed.outcome.perRecipient.length : 0).toBe(2);
    const gone = await sendTo(byLocalPart, 'a@x.test', ['gone@x.test']);
    expect(gone.outcome).toMatchObject({ kind: 'permanent', fault: { code: 'SMTP_RECIPIENT_UNKNOWN' } });
  });

  test("all refused, one for the mailbox's limit: the lane waits and no recipient is lost", async () => {
    const { outcome } = await sendTo(byLocalPart, 'a@x.test', ['gone@x.test', 'quota@x.test']);
    expect(outcome).toMatchObject({
      kind: 'throttled',
      fault: { scope: 'mailbox', code: 'SMTP_QUOTA_EXCEEDED' },
    });
  });

  test('the session goes on to serve after a refusal', async () => {
    const { transport, server } = await sendTo(byLocalPart, 'a@x.test', ['gone@x.test']);
    const next = await transport.send(testMail(), noAbort());
    expect(next.kind).toBe('accepted');
    expect(server.connectionCount()).toBe(1);
    expect(server.lines.map((line) => line.text)).toContain('RSET');
  });

  test('one address twice is one RCPT and two results', async () => {
    const { outcome, commands } = await sendTo({}, 'a@x.test', ['b@x.test', 'b@x.test']);
    expect(commands).toEqual(['MAIL FROM:<a@x.test>', 'RCPT TO:<b@x.test>']);
    expect('perRecipient' in outcome ? outcome.perRecipient : []).toHaveLength(2);
  });

  test('the null sender is sent as such', async () => {
    const { outcome, commands } = await sendTo({}, '', ['b@x.test']);
    expect(outcome.kind).toBe('accepted');
    expect(commands[0]).toBe('MAIL FROM:<>');
  });
});

describe('international addresses', () => {
  test('with SMTPUTF8 the local part stays, the domain becomes its A-label', async () => {
    const { outcome, commands } = await sendTo({ ehlo: ['SMTPUTF8', '8BITMIME'] }, 'a@x.test', [
      'jörg@bücher.test',
    ]);
    expect(outcome.kind).toBe('accepted');
    const sent = Buffer.from(commands.join('\n'), 'latin1').toString('utf8');
    expect(sent).toBe('MAIL FROM:<a@x.test> SMTPUTF8\nRCPT TO:<jörg@xn--bcher-kva.test>');
  });

  test('without SMTPUTF8 a domain alone goes out as its A-label', async () => {
    const { outcome, commands } = await sendTo({}, 'a@bücher.test', ['b@bücher.test']);
    expect(outcome).toMatchObject({ kind: 'accepted', perRecipient: [{ address: 'b@bücher.test' }] });
    expect(commands).toEqual(['MAIL FROM:<a@xn--bcher-kva.test>', 'RCPT TO:<b@xn--bcher-kva.test>']);
  });

  test('without SMTPUTF8 a local part is refused for that recipient only, and never sent', async () => {
    const { outcome, commands } = await sendTo({}, 'a@x.test', ['jörg@x.test', 'b@x.test']);
    expect(outcome).toMatchObject({
      kind: 'accepted',
      perRecipient: [
        { kind: 'permanent', address: 'jörg@x.test', code: 'SMTP_SMTPUTF8_MISSING' },
        { kind: 'accepted', address: 'b@x.test' },
      ],
    });
    expect(commands).toEqual(['MAIL FROM:<a@x.test>', 'RCPT TO:<b@x.test>']);
  });

  test('without SMTPUTF8 such a sender, or such recipients alone, fail for good without a command', async () => {
    const sender = await sendTo({}, 'jörg@x.test', ['b@x.test']);
    expect(sender.outcome).toMatchObject({
      kind: 'permanent',
      fault: { scope: 'sender', code: 'SMTP_SMTPUTF8_MISSING' },
    });
    const recipient = await sendTo({}, 'a@x.test', ['jörg@x.test']);
    expect(recipient.outcome).toMatchObject({ kind: 'permanent', fault: { code: 'SMTP_SMTPUTF8_MISSING' } });
    expect([...sender.commands, ...recipient.commands]).toEqual([]);
  });
});

test('a refusal of the content keeps what was known of single recipients', async () => {
  const script = { reactions: { endOfData: reply('451 4.3.0 later') } };
  const { outcome } = await sendTo(script, 'a@x.test', ['jörg@x.test', 'b@x.test']);
  expect(outcome).toMatchObject({
    kind: 'temporary',
    fault: { stage: 'content' },
    perRecipient: [{ kind: 'permanent', address: 'jörg@x.test', code: 'SMTP_SMTPUTF8_MISSING' }],
  });
});

describe('addresses that try to be commands', () => {
  const tries = [
    'b@x.test>\r\nRCPT TO:<evil@x.test',
    'b@x.test\r\nDATA',
    'b@x.test> SIZE=1',
    'b\u2028@x.test',
    'b\u0000@x.test',
    'b c@x.test',
    'b@x.test\n',
    '<b@x.test>',
    'no-at-sign',
    '@x.test',
  ];
  test.each(tries)('%j never reaches the wire', async (address) => {
    const { outcome, commands } = await sendTo({ ehlo: ['SMTPUTF8'] }, 'a@x.test', [address]);
    expect(outcome).toMatchObject({ kind: 'permanent', fault: { code: 'SMTP_ADDRESS_INVALID' } });
    const asSender = await sendTo({ ehlo: ['SMTPUTF8'] }, address, ['b@x.test']);
    expect(asSender.outcome).toMatchObject({ kind: 'permanent', fault: { scope: 'sender' } });
    expect([...commands, ...asSender.commands]).toEqual([]);
  });
});
