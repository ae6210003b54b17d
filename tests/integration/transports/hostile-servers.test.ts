import { describe, expect, test } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { SendOutcome } from '#lib/transports/contract.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import {
  drip,
  drop,
  reply,
  replyAndDrop,
  stall,
  type HostileScript,
  type HostileStage,
  type Reaction,
} from '#tests/servers/smtp/hostile-script.ts';
import {
  noAbort,
  patientDeadlines,
  shortDeadlines,
  smtpOptions,
  testMail,
} from '#tests/servers/smtp/options.ts';

async function sendTo(script: HostileScript, mail = testMail()) {
  const server = await startHostileServer(script);
  const deadlines = isSlow(script) ? shortDeadlines : patientDeadlines;
  const transport = buildTransport(smtpOptions(server.port, { deadlines }));
  try {
    return { outcome: await transport.send(mail, noAbort()), server };
  } finally {
    await transport.close();
    await server.close();
  }
}

function isSlow({ reactions = {}, refusesToRead }: HostileScript): boolean {
  return refusesToRead === true || Object.values(reactions).some(isWaitedFor);
}

function isWaitedFor(reaction: Reaction | ((line: string, times: number) => Reaction)): boolean {
  return typeof reaction !== 'function' && (reaction.do === 'stall' || reaction.do === 'drip');
}

function at(stage: HostileStage, reaction: Reaction): HostileScript {
  return { reactions: { [stage]: reaction } };
}

/** `kind code` of an outcome, `kind` alone where there is no fault. */
function brief(outcome: SendOutcome): string {
  return 'fault' in outcome ? `${outcome.kind} ${outcome.fault.code}` : outcome.kind;
}

const transports: readonly (readonly [string, readonly string[]])[] = [
  ['with PIPELINING', ['PIPELINING']],
  ['without PIPELINING', []],
];

describe.concurrent.each(transports)('a server %s', (_name, ehlo) => {
  const cases: readonly (readonly [HostileStage, string, Reaction, string])[] = [
    ['greeting', 'drops', drop, 'unreachable SMTP_CONNECTION_LOST'],
    ['ehlo', 'drops', drop, 'unreachable SMTP_CONNECTION_LOST'],
    ['mail', 'drops', drop, 'temporary SMTP_CONNECTION_LOST'],
    ['rcpt', 'drops', drop, 'temporary SMTP_CONNECTION_LOST'],
    ['data', 'drops', drop, 'temporary SMTP_CONNECTION_LOST'],
    ['endOfData', 'drops', drop, 'uncertain SMTP_OUTCOME_UNKNOWN'],
    ['greeting', 'says 421', replyAndDrop('421 4.3.2 shutting down'), 'unreachable SMTP_SERVER_CLOSING'],
    ['ehlo', 'says 421', replyAndDrop('421 4.3.2 shutting down'), 'unreachable SMTP_SERVER_CLOSING'],
    ['mail', 'says 421', replyAndDrop('421 4.3.2 shutting down'), 'temporary SMTP_SERVER_CLOSING'],
    ['rcpt', 'says 421', replyAndDrop('421 4.3.2 shutting down'), 'temporary SMTP_SERVER_CLOSING'],
    ['data', 'says 421', replyAndDrop('421 4.3.2 shutting down'), 'temporary SMTP_SERVER_CLOSING'],
    ['endOfData', 'says 421', replyAndDrop('421 4.3.2 shutting down'), 'temporary SMTP_SERVER_CLOSING'],
    [
      'greeting',
      'says 421 for a rate',
      replyAndDrop('421 4.7.0 Too many connections'),
      'throttled SMTP_THROTTLED',
    ],
    ['mail', 'says 451', reply('451 4.7.1 try later'), 'temporary SMTP_SENDER_DEFERRED'],
    ['rcpt', 'says 451', reply('451 4.7.1 try later'), 'temporary SMTP_RECIPIENT_DEFERRED'],
    ['data', 'says 451', reply('451 4.3.0 try later'), 'temporary SMTP_CONTENT_DEFERRED'],
    ['endOfData', 'says 451', reply('451 4.3.0 try later'), 'temporary SMTP_CONTENT_DEFERRED'],
    ['mail', 'says 552', reply('552 5.3.4 too big'), 'permanent SMTP_TOO_LARGE'],
    ['rcpt', 'says 552', reply('552 too many recipients'), 'temporary SMTP_TOO_MANY_RECIPIENTS'],
    ['data', 'says 552', reply('552 5.3.4 too big'), 'permanent SMTP_TOO_LARGE'],
    ['endOfData', 'says 552', reply('552 5.3.4 too big'), 'permanent SMTP_TOO_LARGE'],
    ['endOfData', 'says 554', reply('554 5.7.1 spam'), 'permanent SMTP_CONTENT_REFUSED'],
    ['greeting', 'says nothing', stall, 'unreachable SMTP_TIMEOUT'],
    ['ehlo', 'says nothing', stall, 'unreachable SMTP_TIMEOUT'],
    ['mail', 'says nothing', stall, 'temporary SMTP_TIMEOUT'],
    ['data', 'says nothing', stall, 'temporary SMTP_TIMEOUT'],
    ['endOfData', 'says nothing', stall, 'uncertain SMTP_TIMEOUT'],
    ['greeting', 'drips', drip('220-still here\r\n'), 'unreachable SMTP_TIMEOUT'],
    ['greeting', 'drips without a line', drip('2'), 'unreachable SMTP_TIMEOUT'],
    ['ehlo', 'drips', drip('250-still here\r\n'), 'unreachable SMTP_TIMEOUT'],
    ['mail', 'drips', drip('250-still here\r\n'), 'temporary SMTP_TIMEOUT'],
    ['endOfData', 'drips', drip('250-still here\r\n'), 'uncertain SMTP_TIMEOUT'],
    ['greeting', 'talks nonsense', replyAndDrop('HTTP/1.1 400 Bad Request'), 'unreachable SMTP_NOT_SMTP'],
    ['mail', 'talks nonsense', reply('what?'), 'temporary SMTP_PROTOCOL'],
    ['rcpt', 'talks nonsense', reply('what?'), 'temporary SMTP_PROTOCOL'],
    ['data', 'talks nonsense', reply('what?'), 'temporary SMTP_PROTOCOL'],
  ];
  test.each(cases)('at %s that %s', async (stage, _what, reaction, expected) => {
    const { outcome, server } = await sendTo({ ehlo, ...at(stage, reaction) });
    expect(brief(outcome)).toBe(expected);
    if (stage !== 'endOfData') expect(server.contents).toEqual([]);
  });
});

describe('a server out of step', () => {
  test('one answer too many: the content is not sent as commands, and the connection is left', async () => {
    const { outcome, server } = await sendTo(at('mail', reply('250 2.1.0 Ok\r\n250 2.1.0 Ok again')));
    expect(brief(outcome)).toBe('temporary SMTP_PROTOCOL');
    expect(server.lines.map(({ text }) => text)).not.toContain('Subject: Hello');
  });

  test('a second 354 after end-of-data leaves the outcome open', async () => {
    const { outcome } = await sendTo(at('endOfData', reply('354 more?')));
    expect(brief(outcome)).toBe('uncertain SMTP_OUTCOME_UNKNOWN');
  });

  test('DATA answered with 250: no content', async () => {
    const { outcome, server } = await sendTo(at('data', reply('250 go')));
    expect(brief(outcome)).toBe('temporary SMTP_PROTOCOL');
    expect(server.lines.at(-1)?.text).toBe('DATA');
  });
});

describe('the answer to end-of-data', () => {
  test('nonsense after end-of-data leaves the outcome open', async () => {
    const { outcome } = await sendTo(at('endOfData', reply('what?')));
    expect(brief(outcome)).toBe('uncertain SMTP_OUTCOME_UNKNOWN');
  });

  test('the whole content was at the server when the outcome is uncertain', async () => {
    const { outcome, server } = await sendTo(at('endOfData', drop));
    expect(outcome.kind).toBe('uncertain');
    expect(server.contents).toHaveLength(1);
  });

  test('a drop in mid-content is no uncertain outcome', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const mail = testMail({
      sizeBytes: 64 * chunk.length,
      open: async function* () {
        for (let index = 0; index < 64; index += 1) yield chunk;
      },
    });
    const { outcome, server } = await sendTo(at('content', drop), mail);
    expect(brief(outcome)).toBe('temporary SMTP_CONNECTION_LOST');
    expect(outcome).toMatchObject({ fault: { stage: 'content' } });
    expect(server.contents).toEqual([]);
  });

  test('a server that wants content for nobody gets an empty end, and the mail is refused', async () => {
    const script = { reactions: { rcpt: reply('550 5.1.1 no such user'), data: reply('354 go') } };
    const { outcome, server } = await sendTo(script);
    expect(brief(outcome)).toBe('permanent SMTP_RECIPIENT_UNKNOWN');
    expect(server.contents.join('')).toBe('');
  });

  test('a server that stops reading is left behind', async () => {
    const chunk = Buffer.alloc(256 * 1024, 'x');
    const mail = testMail({
      sizeBytes: 200 * chunk.length,
      open: async function* () {
        for (let index = 0; index < 200; index += 1) yield chunk;
      },
    });
    const { outcome } = await sendTo({ refusesToRead: true }, mail);
    expect(brief(outcome)).toBe('temporary SMTP_TIMEOUT');
  });
});

describe('what the server states beforehand', () => {
  test('SIZE smaller than the mail: refused for good before the content', async () => {
    const { outcome, server } = await sendTo({ ehlo: ['PIPELINING', 'SIZE 20'] });
    expect(outcome).toMatchObject({ kind: 'permanent', fault: { code: 'SMTP_TOO_LARGE', stage: 'content' } });
    expect(server.lines.filter((line) => line.text.startsWith('MAIL'))).toEqual([]);
  });

  test('SIZE is told where it is offered', async () => {
    const mail = testMail();
    const { outcome, server } = await sendTo({ ehlo: ['SIZE 100000'] }, mail);
    expect(outcome.kind).toBe('accepted');
    expect(server.lines.map((line) => line.text)).toContain(
      `MAIL FROM:<sender@example.test> SIZE=${mail.sizeBytes}`,
    );
  });

  test('8BITMIME is asked for only where the mail needs it and the server offers it', async () => {
    const eightBit = testMail({ isEightBit: true }, 'Subject: x\r\n\r\nGrüße\r\n');
    const offered = await sendTo({ ehlo: ['8BITMIME'] }, eightBit);
    expect(offered.server.lines.map((line) => line.text)).toContain(
      'MAIL FROM:<sender@example.test> BODY=8BITMIME',
    );
    const missing = await sendTo({ ehlo: [] }, eightBit);
    expect(missing.server.lines.map((line) => line.text)).toContain('MAIL FROM:<sender@example.test>');
  });
});
