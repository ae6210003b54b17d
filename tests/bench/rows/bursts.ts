import { createAddressGuard } from '#lib/transports/address-guard.ts';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { OutgoingMail } from '#lib/transports/contract.ts';
import { defaultSmtpDeadlines } from '#lib/transports/smtp/settings.ts';
import type { BenchRow } from '../row.ts';
import { rawMail } from '../support/mail.ts';
import { startSink } from '../support/sink.ts';

const mailCount = 2_000;
const mailBytes = 5_120;
const connections = 10;

/** Network bursts of the client per mail, counted by the sink: what a round trip costs on a real network. */
export function burstsRow(name: string, isPlain: boolean, floor: number): BenchRow {
  return {
    name,
    unit: 'bursts',
    title: `client bursts per mail, server ${isPlain ? 'without' : 'with'} PIPELINING`,
    floor,
    goal: floor,
    bound: 'most',
    run: async (pairs) => {
      const sink = await startSink({ isPlain });
      const values: number[] = [];
      let lost = 0;
      for (let pair = 0; pair < pairs; pair += 1) {
        const arrived = sink.awaitMails(mailCount);
        await sendAll(sink.port);
        await arrived;
        const { bursts, mails, distinct, connections: opened } = await sink.counts();
        lost += mailCount - distinct;
        // EHLO and QUIT belong to the connection, not to a mail.
        values.push((bursts - 2 * opened) / mails);
      }
      await sink.stop();
      return { values, void: lost === 0 ? null : `${lost} mails lost`, notes: [] };
    },
  };
}

async function sendAll(port: number): Promise<void> {
  const transport = buildTransport({
    endpoint: { host: '127.0.0.1', port },
    protocol: 'smtp',
    tlsPolicy: 'none',
    checkCertificate: true,
    customCa: null,
    authentication: null,
    proxy: null,
    ehloName: 'bench.example.com',
    maxConnections: connections,
    maxMessagesPerConnection: mailCount,
    deadlines: defaultSmtpDeadlines,
    addressGuard: createAddressGuard(['127.0.0.1']),
  });
  const signal = new AbortController().signal;
  const outcomes = await Promise.all(
    Array.from({ length: mailCount }, (_, index) => transport.send(outgoing(index), signal)),
  );
  const failed = outcomes.find((outcome) => outcome.kind !== 'accepted');
  if (failed !== undefined)
    throw new Error(`A mail of the bench was not accepted: ${JSON.stringify(failed)}`);
  await transport.close();
}

function outgoing(index: number): OutgoingMail {
  const bytes = rawMail(index, mailBytes);
  return {
    envelope: { from: 'bench@example.com', to: [`reader${index}@example.net`] },
    messageId: `<bare-${index}@example.com>`,
    sizeBytes: bytes.length,
    async *open() {
      yield bytes;
    },
    mayStart: () => Promise.resolve(true),
    mayFinish: () => true,
  };
}
