import type { OutgoingMail, SendOutcome, Transport } from '../contract.ts';
import { GraphDesk } from './desk.ts';
import { findInMailbox } from './find-sent.ts';
import { probeMailbox } from './probe.ts';
import { sendGraphMail } from './send-mail.ts';
import type { GraphTransportOptions } from './settings.ts';

/** Microsoft Graph: one mailbox, at most four requests at a time over all workers by the slots that it is given. */
export function createGraphTransport(options: GraphTransportOptions): Transport {
  const desk = new GraphDesk(options);
  const under = new Set<Promise<SendOutcome>>();
  let isClosed = false;

  async function send(mail: OutgoingMail, signal: AbortSignal): Promise<SendOutcome> {
    if (isClosed) return { kind: 'withheld' };
    const sending = sendGraphMail(desk, options, mail, { signal });
    under.add(sending);
    try {
      return await sending;
    } finally {
      under.delete(sending);
    }
  }

  return {
    send,
    async probe(onStep, signal) {
      const fresh = desk.fresh();
      try {
        return await probeMailbox(fresh, options, onStep, signal);
      } finally {
        await fresh.close();
      }
    },
    ...(options.canReadMail
      ? {
          async findSent(messageId: string, signal: AbortSignal) {
            const found = await findInMailbox(desk, messageId, { signal, transcript: null });
            // A mail that leaves no copy cannot be missed by looking for one.
            return found === false && !options.saveToSentItems ? null : found;
          },
        }
      : {}),
    async close() {
      isClosed = true;
      await Promise.allSettled(under);
      await desk.close();
    },
  };
}
