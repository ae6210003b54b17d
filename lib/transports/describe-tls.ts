import { TLSSocket } from 'node:tls';
import type { ServerCertificate } from './contract.ts';

/** What a secured connection shows of itself: for the step of its handshake. */
export interface TlsDescription {
  /** Protocol and cipher. */
  readonly detail: string | null;
  readonly certificate: ServerCertificate | null;
}

/** Describes the secured connection; what is no secured connection has nothing to show. */
export function describeTls(socket: unknown): TlsDescription {
  if (!(socket instanceof TLSSocket)) return { detail: null, certificate: null };
  const detail = [socket.getProtocol(), socket.getCipher()?.name].filter(Boolean).join(', ');
  return { detail: detail === '' ? null : detail, certificate: certificateOf(socket) };
}

function certificateOf(socket: TLSSocket): ServerCertificate | null {
  const { subject, issuer, valid_to: validTo } = socket.getPeerCertificate();
  // A connection without a certificate, or one that is over, answers with an empty object, whatever the types say.
  const endsAt = new Date(validTo ?? '');
  if (Number.isNaN(endsAt.getTime())) return null;
  return { subject: nameOf(subject), issuer: nameOf(issuer), endsAt: endsAt.toISOString() };
}

type Names = { readonly [name: string]: string | readonly string[] | undefined };

function nameOf(names: Names | undefined): string {
  const [first = ''] = [names?.['CN'] ?? names?.['O'] ?? []].flat();
  return first;
}
