import { systemClock } from '#lib/clock.ts';
import type { Transport } from '../contract.ts';
import { openSession, prepareSessionSettings } from './open-session.ts';
import { SessionPool } from './pool.ts';
import { probeServer } from './probe.ts';
import { sendMail } from './send-mail.ts';
import { silentObserver } from './session-watch.ts';
import type { SmtpTransportOptions } from './settings.ts';

/** SMTP and SMTPS: one server, its own pool of connections. */
export function createSmtpTransport(options: SmtpTransportOptions): Transport {
  const settings = prepareSessionSettings(options);
  const clock = options.clock ?? systemClock;
  const pool = new SessionPool({
    maxConnections: options.maxConnections,
    maxMessagesPerConnection: options.maxMessagesPerConnection,
    idleMs: options.deadlines.idleMs,
    clock,
    open: ({ signal, transcript }) => openSession(settings, signal, { ...silentObserver, transcript }),
  });
  return {
    send: (mail, signal) => sendMail({ pool, clock, secretForms: settings.secretForms }, mail, signal),
    probe: (onStep, signal) => probeServer(settings, onStep, signal),
    close: () => pool.close(),
  };
}
