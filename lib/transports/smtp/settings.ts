import type { Clock } from '#lib/clock.ts';
import type { AddressGuard } from '../address-guard.ts';
import type { ProxySettings } from '../connect.ts';
import type { HostLookup } from '../resolve-host.ts';
import type { TokenSource } from '../supplies.ts';

/** How long each phase may take, in ms. The defaults follow RFC 5321 4.5.3.2 where it asks for a minimum. */
export interface SmtpDeadlines {
  readonly dnsMs: number;
  /** Resolving, every address tried and the proxy's handshake together. */
  readonly connectMs: number;
  /** From the connected socket to the whole greeting, and for each TLS handshake. */
  readonly greetingMs: number;
  /** For the answer to each command; a pipelined envelope counts as one and more for many recipients. */
  readonly commandMs: number;
  /** For the server to take the next piece of the content. */
  readonly dataIdleMs: number;
  /** For the answer to end-of-data. Cutting it short makes duplicates. */
  readonly finalAnswerMs: number;
  /** After this long without a mail a connection is closed. */
  readonly idleMs: number;
}

export const defaultSmtpDeadlines: SmtpDeadlines = {
  dnsMs: 15_000,
  connectMs: 30_000,
  greetingMs: 120_000,
  commandMs: 300_000,
  dataIdleMs: 180_000,
  finalAnswerMs: 600_000,
  idleMs: 30_000,
};

export interface SmtpEndpoint {
  readonly host: string;
  readonly port: number;
}

/** A password, or a place that tokens come from. */
export type SmtpAuthentication =
  | { readonly userName: string; readonly password: string }
  | { readonly userName: string; readonly tokens: TokenSource };

/** One SMTP server with everything opened: plain values, no database, no sealed secrets. */
export interface SmtpTransportOptions {
  readonly endpoint: SmtpEndpoint;
  /** `smtps`: TLS from the first byte; `smtp`: in clear until STARTTLS, as `tlsPolicy` says. */
  readonly protocol: 'smtp' | 'smtps';
  readonly tlsPolicy: 'none' | 'whenOffered' | 'required';
  readonly checkCertificate: boolean;
  /** PEM of further authorities to trust beside the system's. */
  readonly customCa: string | null;
  readonly authentication: SmtpAuthentication | null;
  readonly proxy: ProxySettings | null;
  readonly ehloName: string;
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  readonly deadlines: SmtpDeadlines;
  readonly addressGuard: AddressGuard;
  readonly lookup?: HostLookup | undefined;
  readonly clock?: Clock | undefined;
}
