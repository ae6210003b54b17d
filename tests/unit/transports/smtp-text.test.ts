import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { remedyFor } from '#lib/doctor/remedies.ts';
import { bypassesProxy } from '#lib/transports/no-proxy.ts';
import { parseCapabilities } from '#lib/transports/smtp/capabilities.ts';
import { smtpFaultCodes } from '#lib/transports/smtp/fault-codes.ts';
import { planEnvelope } from '#lib/transports/smtp/plan-envelope.ts';
import { parseReply } from '#lib/transports/smtp/reply.ts';
import { secretForms, Transcript } from '#lib/transports/transcript.ts';

// Properties take hundreds of runs each, and a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000 });

describe('parseReply', () => {
  test('joins the lines and takes the enhanced code once', () => {
    expect(parseReply('550-5.1.1 No such user\n550 5.1.1 Sorry', [])).toEqual({
      code: 550,
      enhancedCode: '5.1.1',
      text: 'No such user\nSorry',
    });
    expect(parseReply('250 ok', [])).toEqual({ code: 250, enhancedCode: null, text: 'ok' });
    expect(parseReply('354', [])).toEqual({ code: 354, enhancedCode: null, text: '' });
  });

  test.each([undefined, '', 'HTTP/1.1 400', '9', '1234 x', '650 x', '-ERR'])('%j is no reply', (text) => {
    expect(parseReply(text, [])).toBeNull();
  });

  test('holds nothing that cannot be stored or shown', () => {
    expect(parseReply('535 5.7.8 No\0 \u001b[31mway', [])?.text).toBe('No\uFFFD \uFFFD[31mway');
    expect(parseReply(`550 ${'a'.repeat(999)}\u{1F600}`, [])?.text.isWellFormed()).toBe(true);
  });

  test('never fails and never grows without bound', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 3000 }), (text) => {
        expect(parseReply(`550 ${text}`, [])?.text.length ?? 0).toBeLessThanOrEqual(1000);
      }),
    );
  });
});

describe('parseCapabilities', () => {
  test('reads what counts', () => {
    const ehlo =
      '250-mx\n250-PIPELINING\n250-SIZE 1000\n250-8bitmime\n250-SMTPUTF8\n250-STARTTLS\n250 AUTH=PLAIN LOGIN';
    expect(parseCapabilities(ehlo)).toEqual({
      startTls: true,
      smtpUtf8: true,
      eightBitMime: true,
      authMechanisms: ['PLAIN', 'LOGIN'],
      maxSizeBytes: 1000,
    });
  });

  test('the name of the host offers nothing, and SIZE 0 is no limit', () => {
    const bare = {
      startTls: false,
      smtpUtf8: false,
      eightBitMime: false,
      authMechanisms: null,
      maxSizeBytes: null,
    };
    expect(parseCapabilities('250 STARTTLS AUTH PLAIN')).toEqual(bare);
    expect(parseCapabilities('250-x\n250 SIZE 0')).toEqual(bare);
    expect(parseCapabilities('250-x\n250 XSTARTTLS')).toEqual(bare);
  });
});

describe('planEnvelope', () => {
  test('whatever an address is, nothing that ends a command gets into its wire form', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.boolean(), (noise, offersUtf8) => {
        const to = [`${noise}@x.test`, `a@${noise}`, noise];
        const plan = planEnvelope({ from: noise, to }, offersUtf8);
        for (const wire of [plan.from ?? '', ...plan.recipients.keys()]) {
          // eslint-disable-next-line no-control-regex -- control characters are what must not be there
          expect(wire).not.toMatch(/[\u0000-\u001f\u007f<>\u2028\u2029]/);
          if (!offersUtf8) expect(wire).toMatch(/^[ -~]*$/);
        }
        const planned = [...plan.recipients.values()].flat().length + plan.refused.length;
        expect(planned).toBe(to.length);
      }),
    );
  });

  test('a quoted local part is taken as it is', () => {
    const plan = planEnvelope({ from: '', to: ['"a b"@x.test', 'a@[192.0.2.1]'] }, false);
    expect([...plan.recipients.keys()]).toEqual(['"a b"@x.test', 'a@[192.0.2.1]']);
  });
});

describe('Transcript', () => {
  test('masks secrets in every form, strips control characters, and ends by itself', () => {
    const transcript = new Transcript(() => 5, secretForms(['s3cret password']));
    transcript.add('received', '535 you sent s3cret password');
    transcript.add('received', `334 ${Buffer.from('s3cret password').toString('base64')}`);
    transcript.add('received', '250 a\u0007b\u001b[31m');
    for (let count = 0; count < 1000; count += 1) transcript.add('sent', 'x'.repeat(2000));
    const lines = transcript.lines();
    expect(lines[0]?.text).toBe('535 you sent ***');
    expect(lines[1]?.text).toBe('334 ***');
    expect(lines[2]?.text).toBe('250 a\uFFFDb\uFFFD[31m');
    expect(lines.length).toBeLessThanOrEqual(401);
    expect(lines.at(-1)?.text).toMatch(/more lines were left out/);
    expect(Math.max(...lines.map((line) => line.text.length))).toBeLessThanOrEqual(500);
  });

  test('a password inside the Base64 of AUTH PLAIN is masked whatever stands before it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 12 }), (user) => {
        const transcript = new Transcript(() => 0, secretForms(['correct horse battery']));
        const sent = Buffer.from(`\0${user}\0correct horse battery`).toString('base64');
        transcript.add('received', `535 ${sent}`);
        expect(Buffer.from(transcript.lines()[0]?.text.slice(4) ?? '', 'base64').toString()).not.toContain(
          'horse',
        );
      }),
    );
  });
});

describe('bypassesProxy', () => {
  test.each([
    ['*', 'mail.example.org', 25, true],
    ['example.org', 'mail.example.org', 25, true],
    ['example.org', 'example.org', 25, true],
    ['.example.org', 'mail.example.org', 25, true],
    ['*.example.org', 'mail.example.org', 25, true],
    ['example.org', 'notexample.org', 25, false],
    ['mail.example.org:587', 'mail.example.org', 587, true],
    ['mail.example.org:587', 'mail.example.org', 25, false],
    ['10.0.0.0/8', '10.1.2.3', 25, true],
    ['10.0.0.0/8', '11.1.2.3', 25, false],
    ['10.1.2.3', '10.1.2.3', 25, true],
    ['', 'mail.example.org', 25, false],
  ])('%s for %s port %i: %s', (entry, host, port, expected) => {
    expect(bypassesProxy({ host, port }, [entry])).toBe(expected);
  });
});

describe('remedies', () => {
  test('every stable code has sentences of its own', () => {
    const unknown = remedyFor('NO_SUCH_CODE');
    for (const code of smtpFaultCodes) {
      const remedy = remedyFor(code);
      expect(remedy, code).not.toEqual(unknown);
      expect(remedy.happened).toMatch(/\.$/);
      expect(remedy.todo).toMatch(/\.$/);
    }
  });

  test.each([
    'HOST_UNKNOWN',
    'CONNECT_REFUSED',
    'CONNECT_TIMEOUT',
    'PROXY_REFUSED',
    'PROXY_AUTH_REFUSED',
    'ADDRESS_NOT_ALLOWED',
  ])('%s has one', (code) => {
    expect(remedyFor(code)).not.toEqual(remedyFor('NO_SUCH_CODE'));
  });
});
