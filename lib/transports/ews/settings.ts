import type { Clock } from '#lib/clock.ts';
import type { AddressGuard } from '../address-guard.ts';
import type { ProxySettings } from '../connect.ts';
import type { HostLookup } from '../resolve-host.ts';
import type { TokenSource } from '../supplies.ts';

/** How long each phase may take, in ms. */
export interface EwsDeadlines {
  readonly dnsMs: number;
  /** Resolving, every address tried and the proxy's handshake together. */
  readonly connectMs: number;
  readonly tlsMs: number;
  /** For a request that reads: sign-in, look-up, probe. */
  readonly readMs: number;
  /** From the first byte of a mail to the whole answer. Cutting it short makes duplicates. */
  readonly sendMs: number;
  /** After this long without a request a connection is closed; IIS closes after 120 s. */
  readonly idleMs: number;
}

export const defaultEwsDeadlines: EwsDeadlines = {
  dnsMs: 15_000,
  connectMs: 30_000,
  tlsMs: 30_000,
  readMs: 60_000,
  sendMs: 600_000,
  idleMs: 30_000,
};

/** Waits before each look into Sent Items, in ms: a sent mail takes a moment to be seen there. */
export const defaultLookUpPausesMs: readonly number[] = [0, 2_000, 5_000, 15_000];

export type EwsAuthentication =
  | { readonly kind: 'basic' | 'ntlm'; readonly userName: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly tokens: TokenSource };

/** One mailbox of one Exchange server with everything opened: plain values, no database, no sealed secrets. */
export interface EwsTransportOptions {
  readonly protocol: 'ews';
  /** The whole address, such as https://outlook.office365.com/EWS/Exchange.asmx. */
  readonly url: string;
  readonly authentication: EwsAuthentication;
  /** Another mailbox than that of the sign-in, and by which right it is used; null: the sign-in's own. */
  readonly mailbox: { readonly address: string; readonly access: 'delegate' | 'impersonation' } | null;
  /** X-AnchorMailbox: which mailbox the front end routes by; null: `mailbox` where there is one. */
  readonly anchorMailbox: string | null;
  /** A copy in Sent Items. Without it nothing can be looked up afterwards. */
  readonly savesCopy: boolean;
  readonly checkCertificate: boolean;
  /** PEM of further authorities to trust beside the system's. */
  readonly customCa: string | null;
  readonly proxy: ProxySettings | null;
  /** Exchange allows 27 a user by default [EWS throttling in Exchange]; other programs use the mailbox too. */
  readonly maxConnections: number;
  readonly deadlines: EwsDeadlines;
  readonly addressGuard: AddressGuard;
  readonly lookUpPausesMs?: readonly number[] | undefined;
  /** Waits before a look; tests give their own. Resolves early when the signal is raised. */
  readonly pause?: ((milliseconds: number, signal: AbortSignal) => Promise<void>) | undefined;
  readonly lookup?: HostLookup | undefined;
  readonly clock?: Clock | undefined;
}
