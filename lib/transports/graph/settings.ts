import type { Clock } from '#lib/clock.ts';
import type { AddressGuard } from '../address-guard.ts';
import type { ProxySettings } from '../connect.ts';
import type { HttpDeadlines } from '../http/open-connection.ts';
import type { HostLookup } from '../resolve-host.ts';
import type { RequestSlots, TokenSource } from '../supplies.ts';

/** How long each phase may take, in ms. */
export interface GraphDeadlines extends HttpDeadlines {
  /** One request with its answer. What sends a mail and is cut short is an uncertain outcome. */
  readonly requestMs: number;
  /** One piece of an upload. */
  readonly uploadMs: number;
}

/**
 * A turn whose holder died is free again only when its request must be over, and Exchange takes a few seconds for a mail:
 * half a minute is patient and still lets the turns of a dead worker go on soon.
 */
export const defaultGraphDeadlines: GraphDeadlines = {
  dnsMs: 5_000,
  connectMs: 10_000,
  tlsMs: 10_000,
  idleMs: 60_000,
  requestMs: 30_000,
  uploadMs: 60_000,
};

/** One mailbox behind Microsoft Graph with everything opened: plain values, no database, no sealed secrets. */
export interface GraphTransportOptions {
  readonly protocol: 'graph';
  /** With its version, such as https://graph.microsoft.com/v1.0. */
  readonly endpoint: string;
  readonly mailbox: string;
  /** `delegated` sends as whoever consented (/me), `app_only` as the application (/users/{mailbox}). */
  readonly access: 'delegated' | 'app_only';
  /** False: no copy is kept where the mail fits one request; such a mail goes as JSON, not as MIME. */
  readonly saveToSentItems: boolean;
  /** Each mail becomes a draft with an immutable id first, so that a doubt can be cleared by looking at it. */
  readonly proveOnce: boolean;
  /** Whether the consent includes Mail.ReadWrite: without it nothing can be looked up and no draft be made. */
  readonly canReadMail: boolean;
  readonly tokens: TokenSource;
  readonly slots: RequestSlots;
  readonly proxy: ProxySettings | null;
  readonly checkCertificate: boolean;
  /** PEM of further authorities to trust beside the system's. */
  readonly customCa: string | null;
  readonly deadlines: GraphDeadlines;
  readonly addressGuard: AddressGuard;
  readonly lookup?: HostLookup | undefined;
  readonly clock?: Clock | undefined;
  /** Waits between two looks at the same thing; ends early with the signal. */
  readonly wait?: Wait | undefined;
}

export type Wait = (delayMs: number, signal: AbortSignal) => Promise<void>;

/**
 * Microsoft states 4 MB for a request [Create message; Attach large files to Outlook messages]. Whether that is 10^6 or
 * 2^20 bytes is not said, so the smaller one holds.
 */
export const maxRequestBytes = 4_000_000;

/** MIME is sent in Base64, so that three of its bytes take four of the request. */
export const maxMimeBytes = (maxRequestBytes / 4) * 3;

/** The largest mail that drafts and upload sessions carry [attachment: createUploadSession]. */
export const maxMailBytes = 150_000_000;

/** Exchange takes a mailbox's requests four at a time (PRODUCT 4.6). */
export const maxRequestsAtOnce = 4;
