import { describe, expect, test } from 'vitest';
import { runTestMail } from '#lib/doctor/run-test-mail.ts';
import type { ProbeStep } from '#lib/transports/contract.ts';
import { createAddressGuard } from '#lib/transports/address-guard.ts';
import { makeAuthority, makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { replyAndDrop, reply } from '#tests/servers/smtp/hostile-script.ts';
import { closeAfterEach } from '#tests/servers/smtp/kept.ts';
import { noAbort, smtpOptions, testMail } from '#tests/servers/smtp/options.ts';
import { startRealServer } from '#tests/servers/smtp/real-server.ts';

const kept = closeAfterEach();

function stages(steps: readonly ProbeStep[]): string[] {
  return steps.filter((step) => step.status !== 'running').map((step) => `${step.stage} ${step.status}`);
}

describe('PRODUCT 3: the test mail', () => {
  test('tells every step in the order in which it really happens, with times, and hides the password', async () => {
    const authority = await makeAuthority();
    const certificate = await makeCertificate({ names: ['mail.example.test'], authority });
    const server = kept(await startRealServer({ ...certificate, disabledCommands: [], authOptional: false }));
    const steps: ProbeStep[] = [];
    const result = await runTestMail(
      smtpOptions(server.port, {
        endpoint: { host: 'mail.example.test', port: server.port },
        lookup: () => Promise.resolve(['127.0.0.1']),
        tlsPolicy: 'required',
        customCa: authority.cert,
        authentication: { userName: 'sender@example.test', password: 'correct horse' },
      }),
      testMail(),
      (step) => steps.push(step),
      noAbort(),
    );
    expect(result).toMatchObject({ ok: true, serverId: 'REAL1', reply: { code: 250 } });
    expect(stages(steps)).toEqual([
      'resolve done',
      'connect done',
      'greet done',
      'tls done',
      'authenticate done',
      'sender done',
      'recipient done',
      'content done',
    ]);
    for (const step of steps)
      if (step.status === 'done') expect(step.endedMs).toBeGreaterThanOrEqual(step.startedMs);
    const secured = steps.find((step) => step.stage === 'tls' && step.status === 'done');
    expect(secured).toMatchObject({ detail: expect.stringMatching(/^TLSv1\.[23], /) });
    const dialogue = JSON.stringify(result.transcript);
    expect(dialogue).toContain('AUTH PLAIN ***');
    expect(dialogue).toContain('MAIL FROM:<sender@example.test>');
    expect(dialogue).not.toContain('correct horse');
    expect(dialogue).not.toContain(Buffer.from('\0sender@example.test\0correct horse').toString('base64'));
    expect(dialogue).not.toContain('A line.');
    expect(server.signIns).toEqual([{ user: 'sender@example.test', password: 'correct horse' }]);
  });

  test('a wrong password names the step, the words of the server and what to do', async () => {
    const certificate = await makeCertificate({ names: ['127.0.0.1'] });
    const server = kept(await startRealServer({ ...certificate, secure: true, authOptional: false }));
    const steps: ProbeStep[] = [];
    const result = await runTestMail(
      smtpOptions(server.port, {
        protocol: 'smtps',
        customCa: certificate.cert,
        authentication: { userName: 'sender@example.test', password: 'wrong horse' },
      }),
      testMail(),
      (step) => steps.push(step),
      noAbort(),
    );
    expect(stages(steps)).toEqual([
      'resolve done',
      'connect done',
      'tls done',
      'greet done',
      'authenticate failed',
    ]);
    expect(result).toMatchObject({
      ok: false,
      fault: { stage: 'authenticate', scope: 'mailbox', code: 'SMTP_AUTH_REFUSED', reply: { code: 535 } },
    });
    expect(result.ok ? '' : result.remedy.todo).toMatch(/app password/);
  });

  test('the echo of a password in the words of a server is masked', async () => {
    const secret = Buffer.from('\0sender@example.test\0hunter22').toString('base64');
    const server = kept(
      await startHostileServer({
        ehlo: ['AUTH LOGIN'],
        reactions: { auth: reply(`535 5.7.8 hunter22 is wrong, you sent ${secret}`) },
      }),
    );
    const result = await runTestMail(
      smtpOptions(server.port, { authentication: { userName: 'sender@example.test', password: 'hunter22' } }),
      testMail(),
      () => undefined,
      noAbort(),
    );
    expect(result).toMatchObject({ ok: false, fault: { code: 'SMTP_AUTH_REFUSED' } });
    expect(JSON.stringify(result)).not.toContain('hunter22');
  });

  test('a service that is no mail server is not quoted', async () => {
    const server = kept(
      await startHostileServer({ reactions: { greeting: replyAndDrop('-ERR secret banner of redis') } }),
    );
    const result = await runTestMail(smtpOptions(server.port), testMail(), () => undefined, noAbort());
    expect(result).toMatchObject({
      ok: false,
      fault: { stage: 'greet', code: 'SMTP_NOT_SMTP', reply: null },
    });
    expect(JSON.stringify(result)).not.toContain('redis');
  });

  test('a refused address gives one generic code, whether or not something listens there', async () => {
    const server = kept(await startRealServer());
    const refused = { addressGuard: createAddressGuard([]) };
    const open = await runTestMail(smtpOptions(server.port, refused), testMail(), () => undefined, noAbort());
    const closed = await runTestMail(smtpOptions(1, refused), testMail(), () => undefined, noAbort());
    expect(open).toEqual(closed);
    expect(open).toMatchObject({ ok: false, fault: { code: 'ADDRESS_NOT_ALLOWED', reply: null } });
    expect(open.transcript).toEqual([]);
  });

  test('a refused sender and a refused recipient are told apart', async () => {
    const server = kept(
      await startHostileServer({
        reactions: {
          mail: (line) => reply(line.includes('bad@') ? '553 5.7.1 not yours' : '250 Ok'),
          rcpt: reply('550 5.1.1 no such user'),
        },
      }),
    );
    const options = smtpOptions(server.port);
    const sender = await runTestMail(
      options,
      testMail({ envelope: { from: 'bad@example.test', to: ['x@example.test'] } }),
      () => undefined,
      noAbort(),
    );
    expect(sender).toMatchObject({ ok: false, fault: { stage: 'sender', code: 'SMTP_SENDER_REFUSED' } });
    const steps: ProbeStep[] = [];
    const recipient = await runTestMail(options, testMail(), (step) => steps.push(step), noAbort());
    expect(recipient).toMatchObject({
      ok: false,
      fault: { stage: 'recipient', code: 'SMTP_RECIPIENT_UNKNOWN' },
    });
    expect(stages(steps).slice(-2)).toEqual(['sender done', 'recipient failed']);
  });
});
