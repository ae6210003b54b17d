import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '#lib/transports/contract.ts';
import { replyRules } from '#lib/transports/smtp/codes.ts';
import { smtpFaultCodes } from '#lib/transports/smtp/fault-codes.ts';
import { judgeReply } from '#lib/transports/smtp/judge-reply.ts';
import { parseReply } from '#lib/transports/smtp/reply.ts';

// Properties take hundreds of runs each, and a busy machine takes its time.
vi.setConfig({ testTimeout: 30_000 });

function judge(stage: Stage, response: string): string {
  const reply = parseReply(response, []);
  if (reply === null) return 'no reply';
  const { kind, code, scope } = judgeReply(stage, reply);
  return `${kind} ${code} ${scope}`;
}

describe('sign-in (RFC 4954 6)', () => {
  test.each([
    ['432 4.7.12 A password transition is needed', 'credentials SMTP_PASSWORD_CHANGE_NEEDED mailbox'],
    ['454 4.7.0 Temporary authentication failure', 'throttled SMTP_AUTH_UNAVAILABLE mailbox'],
    ['534 5.7.9 Application-specific password required', 'credentials SMTP_APP_PASSWORD_NEEDED mailbox'],
    ['534 5.7.14 Please log in via your web browser', 'credentials SMTP_WEB_SIGN_IN_NEEDED mailbox'],
    ['535 5.7.8 Authentication credentials invalid', 'credentials SMTP_AUTH_REFUSED mailbox'],
    ['535 5.7.3 Authentication unsuccessful', 'credentials SMTP_AUTH_REFUSED mailbox'],
    ['530 5.7.0 Authentication required', 'credentials SMTP_NOT_SIGNED_IN mailbox'],
    ['530 5.7.0 Must issue a STARTTLS command first', 'credentials SMTP_STARTTLS_DEMANDED host'],
    ['538 5.7.11 Encryption required', 'credentials SMTP_TLS_REQUIRED_FOR_PASSWORD host'],
    ['504 5.5.4 Unrecognized authentication type', 'credentials SMTP_AUTH_MECHANISM_MISSING mailbox'],
    ['550 5.7.1 no', 'credentials SMTP_AUTH_REFUSED mailbox'],
    ['451 4.3.0 later', 'throttled SMTP_AUTH_UNAVAILABLE mailbox'],
    ['421 4.7.0 closing', 'unreachable SMTP_SERVER_CLOSING host'],
  ])('%s', (response, expected) => {
    expect(judge('authenticate', response)).toBe(expected);
  });

  test('no answer to a sign-in is ever about a mail', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 400, max: 599 }),
        fc.integer({ min: 0, max: 7 }),
        fc.nat(20),
        (code, subject, detail) => {
          const verdict = judgeReply('authenticate', {
            code,
            enhancedCode: `${String(code)[0]}.${subject}.${detail}`,
            text: 'no',
          });
          expect(['mailbox', 'tenant', 'host', 'sender', 'recipient']).toContain(verdict.scope);
          expect(verdict.scope).not.toBe('mail');
        },
      ),
    );
  });
});

describe('Exchange Online', () => {
  test.each([
    [
      'content',
      '432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending',
      'throttled SMTP_TOO_MANY_CONNECTIONS mailbox',
    ],
    [
      'content',
      '432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded',
      'throttled SMTP_TOO_MANY_CONNECTIONS mailbox',
    ],
    [
      'content',
      '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed',
      'throttled SMTP_QUOTA_EXCEEDED mailbox',
    ],
    ['recipient', '550 5.1.90 daily limit of recipients', 'throttled SMTP_QUOTA_EXCEEDED mailbox'],
    [
      'content',
      '554 5.2.2 mailbox full; STOREDRV.QuotaExceededException',
      'credentials SMTP_MAILBOX_FULL mailbox',
    ],
    ['content', '550 5.2.252 slowed', 'credentials SMTP_MAILBOX_BLOCKED mailbox'],
    [
      'authenticate',
      '535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant',
      'credentials SMTP_BASIC_AUTH_OFF tenant',
    ],
    [
      'authenticate',
      '535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox',
      'credentials SMTP_BASIC_AUTH_OFF mailbox',
    ],
    [
      'authenticate',
      '550 5.7.30 Basic authentication is not supported for Client Submission',
      'credentials SMTP_BASIC_AUTH_OFF tenant',
    ],
    [
      'authenticate',
      '535 5.7.30 Basic authentication is not supported',
      'credentials SMTP_BASIC_AUTH_OFF tenant',
    ],
    ['sender', '530 5.7.57 Client not authenticated to send mail', 'credentials SMTP_NOT_SIGNED_IN mailbox'],
    [
      'content',
      '554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException',
      'permanent SMTP_SEND_AS_DENIED sender',
    ],
    [
      'content',
      '550 5.7.60 SMTP; Client does not have permissions to send as this sender',
      'permanent SMTP_SEND_AS_DENIED sender',
    ],
    ['content', '550 5.1.8 Access denied, bad outbound sender', 'credentials SMTP_MAILBOX_BLOCKED mailbox'],
    [
      'recipient',
      '550 5.7.705 Access denied, tenant has exceeded threshold',
      'credentials SMTP_TENANT_BLOCKED tenant',
    ],
    ['content', '451 4.7.500 Server busy', 'throttled SMTP_THROTTLED tenant'],
    ['recipient', '550 5.2.121 recipient gets too much', 'temporary SMTP_RECIPIENT_RATE recipient'],
  ] as const)('%s: %s', (stage, response, expected) => {
    expect(judge(stage, response)).toBe(expected);
  });

  test('a spent quota waits for hours', () => {
    const reply = parseReply('554 5.2.0 SubmissionQuotaExceededException', []);
    expect(reply === null ? 0 : judgeReply('content', reply).retryAfterMs).toBeGreaterThanOrEqual(3_600_000);
  });
});

describe('Gmail and everyone else', () => {
  test.each([
    ['greet', '421 4.7.0 Try again later, closing connection', 'unreachable SMTP_SERVER_CLOSING host'],
    ['greet', '421 4.7.0 Too many concurrent SMTP connections', 'throttled SMTP_THROTTLED host'],
    ['greet', '554 5.7.1 Too many concurrent connections from your address', 'throttled SMTP_THROTTLED host'],
    ['greet', '450 4.7.0 Connection rate limit exceeded', 'throttled SMTP_THROTTLED host'],
    [
      'greet',
      '421 4.7.0 [TSS04] Messages deferred due to unexpected volume',
      'throttled SMTP_THROTTLED host',
    ],
    [
      'content',
      '421 4.7.28 Gmail has detected an unusual rate of unsolicited mail',
      'throttled SMTP_THROTTLED host',
    ],
    ['sender', '450 4.7.28 Wait', 'throttled SMTP_THROTTLED host'],
    ['recipient', '451 4.2.0 Mailbox gets too many messages', 'temporary SMTP_RECIPIENT_DEFERRED recipient'],
    ['sender', '421 4.7.28 Our system has detected an unusual rate limit', 'throttled SMTP_THROTTLED host'],
    [
      'recipient',
      '450 4.2.1 The user you are trying to contact is receiving mail at a rate that',
      'temporary SMTP_RECIPIENT_RATE recipient',
    ],
    [
      'recipient',
      '452 4.2.2 The email account that you tried to reach is over quota',
      'temporary SMTP_RECIPIENT_FULL recipient',
    ],
    [
      'recipient',
      '452 4.5.3 Your message has too many recipients',
      'temporary SMTP_TOO_MANY_RECIPIENTS recipient',
    ],
    ['recipient', '452 too many', 'temporary SMTP_TOO_MANY_RECIPIENTS recipient'],
    ['recipient', '552 5.5.3 too many', 'temporary SMTP_TOO_MANY_RECIPIENTS recipient'],
    ['recipient', '552 5.2.2 mailbox full', 'permanent SMTP_RECIPIENT_FULL recipient'],
    ['content', '550 5.4.5 Daily user sending limit exceeded', 'throttled SMTP_QUOTA_EXCEEDED mailbox'],
    [
      'authenticate',
      '454 4.7.0 Too many login attempts, please try again later',
      'throttled SMTP_AUTH_UNAVAILABLE mailbox',
    ],
    ['sender', '552 5.2.3 Your message exceeded our limits', 'permanent SMTP_TOO_LARGE mail'],
    ['content', '552 5.7.0 Our system detected an illegal attachment', 'permanent SMTP_TOO_LARGE mail'],
    ['sender', '450 4.7.1 Error: too much mail from 192.0.2.1', 'throttled SMTP_THROTTLED host'],
    ['recipient', '450 4.7.1 Error: too many recipients from 192.0.2.1', 'throttled SMTP_THROTTLED host'],
    ['sender', '452 4.3.2 Message rate limit exceeded', 'throttled SMTP_THROTTLED host'],
    ['content', '453 4.3.2 Slow down, please', 'throttled SMTP_THROTTLED host'],
    ['recipient', '452 4.2.2 Mailbox has too many messages', 'temporary SMTP_RECIPIENT_FULL recipient'],
    ['recipient', '450 4.7.1 Greylisted', 'temporary SMTP_RECIPIENT_DEFERRED recipient'],
    ['recipient', '550 5.1.1 No such user', 'permanent SMTP_RECIPIENT_UNKNOWN recipient'],
    ['recipient', '554 5.7.1 Relay access denied', 'permanent SMTP_RELAY_DENIED recipient'],
    ['recipient', '452 4.3.1 Insufficient system storage', 'temporary SMTP_SERVER_BUSY host'],
    ['sender', '553 5.1.8 Domain of sender address does not exist', 'permanent SMTP_SENDER_REFUSED sender'],
    ['content', '554 5.7.1 Message rejected as spam', 'permanent SMTP_CONTENT_REFUSED mail'],
    ['content', '503 5.5.1 Bad sequence', 'temporary SMTP_PROTOCOL host'],
    ['greet', '554 5.7.1 Your address is listed', 'unreachable SMTP_GREETING_REFUSED host'],
    ['tls', '454 4.7.0 TLS not available', 'unreachable SMTP_STARTTLS_REFUSED host'],
    ['content', '477 odd', 'temporary SMTP_TEMPORARY mail'],
    ['content', '577 odd', 'permanent SMTP_PERMANENT mail'],
    ['recipient', '499 odd', 'temporary SMTP_TEMPORARY recipient'],
    ['sender', '250 2.0.0 unexpected', 'temporary SMTP_PROTOCOL host'],
  ] as const)('%s: %s', (stage, response, expected) => {
    expect(judge(stage, response)).toBe(expected);
  });
});

describe('the table as a whole', () => {
  test('an unknown answer falls back on its class digit, at every stage of a mail', () => {
    const stages = fc.constantFrom<Stage>('sender', 'recipient', 'content');
    fc.assert(
      fc.property(stages, fc.integer({ min: 400, max: 599 }), (stage, code) => {
        const { kind } = judgeReply(stage, { code, enhancedCode: null, text: 'words without a meaning' });
        const isTakenForNow = code < 500 || code === 503 || (stage === 'recipient' && code === 552);
        const isSignIn = [530, 534, 535, 538].includes(code);
        if (isSignIn) expect(kind).toBe('credentials');
        else if (code === 432) expect(kind).toBe('throttled');
        else expect(kind).toBe(isTakenForNow ? 'temporary' : 'permanent');
      }),
    );
  });

  test('every rule can be met: none stands behind one that takes all it would', () => {
    for (const [index, rule] of replyRules.entries()) {
      const hidden = replyRules
        .slice(0, index)
        .some(
          (earlier) =>
            earlier.text === undefined &&
            earlier.enhanced === undefined &&
            (earlier.stages === undefined ||
              (rule.stages?.every((stage) => earlier.stages?.includes(stage)) ?? false)) &&
            (earlier.codes === undefined ||
              (rule.codes?.every((code) => earlier.codes?.includes(code)) ?? false)),
        );
      expect(hidden, `rule ${index}: ${rule.means.join(' ')}`).toBe(false);
    }
  });

  test('every code of the table is a stable code, only throttled rules have a wait', () => {
    for (const rule of replyRules) {
      expect(smtpFaultCodes).toContain(rule.means[1]);
      if (rule.retryAfterMs !== undefined) expect(rule.means[0]).toBe('throttled');
    }
  });
});
