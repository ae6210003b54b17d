import tls from 'node:tls';
import { openGuardedSocket } from '../connect.ts';
import type { SendOutcome } from '../contract.ts';
import { connectFaultOutcome } from '../outcome.ts';
import { secretForms } from '../transcript.ts';
import type { SessionSettings } from './connection-options.ts';
import type { SmtpSession } from './session.ts';
import { SessionSetup } from './session-setup.ts';
import type { SetupObserver } from './session-watch.ts';
import type { SmtpTransportOptions } from './settings.ts';
import { supplyToken } from './supply-token.ts';

export type OpenResult =
  | { readonly ok: true; readonly session: SmtpSession }
  | { readonly ok: false; readonly outcome: SendOutcome };

/** Reading a PEM into OpenSSL costs milliseconds, so it is done once and not for each connection. */
export function prepareSessionSettings(options: SmtpTransportOptions): SessionSettings {
  const secureContext =
    options.customCa === null
      ? undefined
      : tls.createSecureContext({ ca: [...tls.getCACertificates('default'), options.customCa] });
  const { authentication } = options;
  const isPassword = authentication !== null && 'password' in authentication;
  return { options, secureContext, secretForms: isPassword ? secretForms([authentication.password]) : [] };
}

/**
 * Connects, greets, secures and signs in. No password and no mail ever passes when the server (or someone between)
 * leaves STARTTLS or AUTH out of its offer and the settings ask for it.
 */
export async function openSession(
  settings: SessionSettings,
  signal: AbortSignal,
  observer: SetupObserver,
): Promise<OpenResult> {
  const { options } = settings;
  const supplied = await supplyToken(settings, null, signal, observer);
  if (!supplied.ok) return supplied;
  const connected = await openGuardedSocket(
    options.endpoint,
    {
      guard: options.addressGuard,
      proxy: options.proxy,
      dnsTimeoutMs: options.deadlines.dnsMs,
      connectTimeoutMs: options.deadlines.connectMs,
      lookup: options.lookup,
    },
    signal,
    observer.stage,
  );
  if (!connected.ok) return { ok: false, outcome: connectFaultOutcome(connected.fault) };
  const setup = new SessionSetup(settings, supplied.token, connected.socket, observer);
  const outcome = await setup.run(signal);
  if (outcome !== null) {
    setup.wire.drop();
    return { ok: false, outcome };
  }
  return { ok: true, session: setup.session() };
}
