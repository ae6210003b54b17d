import { createAddressGuard } from '#lib/transports/address-guard.ts';
import type { OutgoingMail } from '#lib/transports/contract.ts';
import type { SmtpDeadlines, SmtpTransportOptions } from '#lib/transports/smtp/settings.ts';

/** For tests that wait for one to end; long enough for a busy machine to get there. */
export const shortDeadlines: SmtpDeadlines = {
  dnsMs: 10_000,
  connectMs: 10_000,
  greetingMs: 1500,
  commandMs: 1500,
  dataIdleMs: 1500,
  finalAnswerMs: 1500,
  idleMs: 60_000,
};

export const patientDeadlines: SmtpDeadlines = {
  dnsMs: 10_000,
  connectMs: 10_000,
  greetingMs: 10_000,
  commandMs: 10_000,
  dataIdleMs: 10_000,
  finalAnswerMs: 10_000,
  idleMs: 60_000,
};

/** Options towards a server on loopback, which the operator's list allows here. */
export function smtpOptions(port: number, changes: Partial<SmtpTransportOptions> = {}): SmtpTransportOptions {
  return {
    endpoint: { host: '127.0.0.1', port },
    protocol: 'smtp',
    tlsPolicy: 'none',
    checkCertificate: true,
    customCa: null,
    authentication: null,
    proxy: null,
    ehloName: 'mailroom.test',
    maxConnections: 2,
    maxMessagesPerConnection: 100,
    deadlines: patientDeadlines,
    addressGuard: createAddressGuard(['127.0.0.0/8']),
    ...changes,
  };
}

let mailCounter = 0;

/** A small mail whose gates are open. */
export function testMail(changes: Partial<OutgoingMail> = {}, content?: string): OutgoingMail {
  mailCounter += 1;
  const messageId = changes.messageId ?? `<test-${mailCounter}@mailroom.test>`;
  const text = content ?? `Message-ID: ${messageId}\r\nSubject: Hello\r\n\r\nA line.\r\n.dot\r\n`;
  const bytes = Buffer.from(text, 'utf8');
  return {
    envelope: { from: 'sender@example.test', to: ['reader@example.test'] },
    messageId,
    sizeBytes: bytes.length,
    open: async function* () {
      yield bytes;
    },
    mayStart: () => Promise.resolve(true),
    mayFinish: () => true,
    ...changes,
  };
}

/** A signal that nobody raises. */
export function noAbort(): AbortSignal {
  return new AbortController().signal;
}
