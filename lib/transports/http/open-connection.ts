import tls from 'node:tls';
import net from 'node:net';
import type { Clock } from '#lib/clock.ts';
import type { AddressGuard } from '../address-guard.ts';
import { openGuardedSocket, type ProxySettings } from '../connect.ts';
import { describeTls } from '../describe-tls.ts';
import type { HostLookup } from '../resolve-host.ts';
import { HttpConnection } from './connection.ts';
import { tlsFaultCode, type HttpFault, type HttpFaultCode } from './faults.ts';
import type { HttpObserver } from './request.ts';

export interface HttpDeadlines {
  readonly dnsMs: number;
  /** Resolving, every address tried and the proxy's handshake together. */
  readonly connectMs: number;
  readonly tlsMs: number;
  /** After this long without a request a connection is closed; sooner where the server says so. */
  readonly idleMs: number;
}

export interface HttpClientOptions {
  readonly guard: AddressGuard;
  readonly proxy: ProxySettings | null;
  readonly checkCertificate: boolean;
  /** PEM of further authorities to trust beside the system's. */
  readonly customCa: string | null;
  readonly maxConnectionsPerOrigin: number;
  readonly deadlines: HttpDeadlines;
  readonly lookup?: HostLookup | undefined;
  readonly clock?: Clock | undefined;
}

export interface ConnectionWish {
  /** Asks for a connection not used before. */
  readonly wantsFresh?: boolean | undefined;
  readonly observe?: HttpObserver | undefined;
}

export type OpenConnectionResult =
  | { readonly ok: true; readonly connection: HttpConnection }
  | { readonly ok: false; readonly fault: HttpFault };

/** Opens connections through the guarded connector and TLS; the PEM of an own authority is read once. */
export function createConnectionOpener(
  options: HttpClientOptions,
): (origin: URL, signal: AbortSignal, observe: HttpObserver) => Promise<OpenConnectionResult> {
  const secureContext =
    options.customCa === null
      ? undefined
      : tls.createSecureContext({ ca: [...tls.getCACertificates('default'), options.customCa] });
  return async (origin, signal, observe) => {
    const host = origin.hostname.replace(/^\[(.*)\]$/, '$1');
    const connected = await openGuardedSocket(
      { host, port: origin.port === '' ? 443 : Number(origin.port) },
      {
        guard: options.guard,
        proxy: options.proxy,
        dnsTimeoutMs: options.deadlines.dnsMs,
        connectTimeoutMs: options.deadlines.connectMs,
        lookup: options.lookup,
      },
      signal,
      observe,
    );
    if (!connected.ok) return connected;
    // A request leaves in several writes: waiting for the server's acknowledgement costs 40 ms each time.
    connected.socket.setNoDelay(true);
    observe('tls', 'running');
    const secured = await shakeHands(connected.socket, host, { options, secureContext }, signal);
    if (!(secured instanceof tls.TLSSocket)) return { ok: false, fault: { stage: 'tls', code: secured } };
    const { detail, certificate } = describeTls(secured);
    observe('tls', 'done', detail, certificate);
    return { ok: true, connection: new HttpConnection(origin, secured, options.deadlines.idleMs) };
  };
}

interface Handshake {
  readonly options: HttpClientOptions;
  readonly secureContext: tls.SecureContext | undefined;
}

function shakeHands(
  socket: net.Socket,
  host: string,
  { options, secureContext }: Handshake,
  signal: AbortSignal,
): Promise<tls.TLSSocket | HttpFaultCode> {
  return new Promise((resolve) => {
    const secured = tls.connect({
      socket,
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      rejectUnauthorized: options.checkCertificate,
      // The certificate is checked against this; an address is no server name (RFC 6066 3).
      host,
      ...(net.isIP(host) === 0 ? { servername: host } : {}),
      ...(secureContext === undefined ? {} : { secureContext }),
    });
    const finish = (result: tls.TLSSocket | HttpFaultCode): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      secured.off('error', onError).off('close', onClose).off('secureConnect', onSecure);
      if (result !== secured) {
        secured.on('error', () => undefined);
        secured.destroy();
      }
      resolve(result);
    };
    const onAbort = (): void => finish('HTTP_ABORTED');
    const onError = (error: Error): void => finish(tlsFaultCode(error));
    const onClose = (): void => finish('HTTP_TLS_FAILED');
    const onSecure = (): void => finish(secured);
    const timer = setTimeout(() => finish('HTTP_TIMEOUT'), options.deadlines.tlsMs);
    signal.addEventListener('abort', onAbort, { once: true });
    secured.once('secureConnect', onSecure).once('error', onError).once('close', onClose);
    if (signal.aborted) onAbort();
  });
}
