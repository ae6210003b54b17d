import type { Transport } from '../contract.ts';
import { createDesk } from './desk.ts';
import { findSent } from './find-sent.ts';
import { probeMailbox } from './probe.ts';
import { sendMail } from './send-mail.ts';
import type { EwsTransportOptions } from './settings.ts';

/** Exchange Web Services: one mailbox, its own connections. */
export function createEwsTransport(options: EwsTransportOptions): Transport {
  const desk = createDesk(options);
  return {
    send: (mail, signal) => sendMail(desk, mail, signal),
    probe: (onStep, signal) => probeMailbox(desk, onStep, signal),
    // Without a copy there is nothing to find.
    ...(options.savesCopy
      ? { findSent: (messageId: string, signal: AbortSignal) => findSent(desk, messageId, signal) }
      : {}),
    close: () => desk.client.close(),
  };
}
