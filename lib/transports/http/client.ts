import type { X509Certificate } from 'node:crypto';
import { systemClock } from '#lib/clock.ts';
import type { HttpConnection } from './connection.ts';
import type { HttpFault } from './faults.ts';
import { createConnectionOpener, type ConnectionWish, type HttpClientOptions } from './open-connection.ts';
import { ConnectionPool, type Leased } from './pool.ts';
import type { HttpBody, HttpRequest, HttpResult } from './request.ts';

/** A connection that its holder uses for several requests one after the other, for sign-in that belongs to it. */
export interface LeasedConnection {
  readonly isReused: boolean;
  readonly isAlive: boolean;
  readonly peerCertificate: X509Certificate | null;
  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResult>;
  /** Gives it back, once; an unfit connection is ended. */
  release(isFit?: boolean): void;
}

export type ConnectResult =
  | { readonly kind: 'leased'; readonly connection: LeasedConnection }
  | { readonly kind: 'failed'; readonly fault: HttpFault }
  | { readonly kind: 'withheld' };

/**
 * HTTP/1.1 over TLS to addresses that users configured: through the guarded connector, no redirect followed, no cookie
 * kept, and no request repeated once its end may have left.
 */
export interface HttpClient {
  /** One request on a connection of the pool. Resolves always. */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResult>;
  /** A connection to the origin of `address`, for several requests. */
  connect(address: string, wish: ConnectionWish, signal: AbortSignal): Promise<ConnectResult>;
  /** Ends idle connections at once and busy ones when they are given back; nothing is sent afterwards. */
  close(): Promise<void>;
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const open = createConnectionOpener(options);
  const pools = new Map<string, ConnectionPool>();
  let isClosed = false;

  function poolOf(origin: URL): ConnectionPool {
    const known = pools.get(origin.origin);
    if (known !== undefined) return known;
    const pool = new ConnectionPool({
      maxConnections: options.maxConnectionsPerOrigin,
      idleMs: options.deadlines.idleMs,
      clock: options.clock ?? systemClock,
    });
    pools.set(origin.origin, pool);
    return pool;
  }

  async function lease(
    address: string,
    wish: ConnectionWish,
    signal: AbortSignal,
  ): Promise<{ readonly pool: ConnectionPool; readonly leased: Leased }> {
    const origin = httpsOrigin(address);
    const pool = poolOf(origin);
    if (isClosed) return { pool, leased: { kind: 'withheld' } };
    const observe = wish.observe ?? (() => undefined);
    const leased = await pool.lease(() => open(origin, signal, observe), wish.wantsFresh === true, signal);
    return { pool, leased };
  }

  /** Null when a connection that had rested turned out dead before anything of this request was read or sent. */
  async function requestOnce(
    request: HttpRequest,
    wantsFresh: boolean,
    signal: AbortSignal,
  ): Promise<HttpResult | null> {
    const { pool, leased } = await lease(request.url, { wantsFresh, observe: request.observe }, signal);
    if (leased.kind === 'failed') return { ...leased, mayHaveArrived: false };
    if (leased.kind === 'withheld') return leased;
    const opened = { isContentRead: false };
    const result = await leased.connection.exchange(watchContent(request, opened), signal);
    pool.release(leased.connection, result.kind === 'answered');
    const isLost = result.kind === 'failed' && result.fault.code === 'HTTP_CONNECTION_LOST';
    const mayRepeat = isLost && !opened.isContentRead && (!result.mayHaveArrived || request.method === 'GET');
    return leased.isReused && mayRepeat ? null : result;
  }

  return {
    async request(request, signal) {
      const gated = { ...request, gates: askOnce(request) };
      const first = await requestOnce(gated, false, signal);
      return first ?? (await requestOnce(gated, true, signal)) ?? { kind: 'withheld' };
    },
    async connect(address, wish, signal) {
      const { pool, leased } = await lease(address, wish, signal);
      if (leased.kind !== 'leased') return leased;
      return { kind: 'leased', connection: leaseOf(leased.connection, leased.isReused, pool) };
    },
    async close() {
      isClosed = true;
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function leaseOf(connection: HttpConnection, isReused: boolean, pool: ConnectionPool): LeasedConnection {
  let isGivenBack = false;
  return {
    isReused,
    get isAlive() {
      return connection.isAlive;
    },
    get peerCertificate() {
      return connection.peerCertificate;
    },
    exchange: (request, signal) => connection.exchange(request, signal),
    release(isFit = true) {
      if (isGivenBack) return;
      isGivenBack = true;
      pool.release(connection, isFit);
    },
  };
}

/** The mark is asked for once, whichever connection carries the request. */
function askOnce({ gates }: HttpRequest): HttpRequest['gates'] {
  if (gates?.mayStart === undefined) return gates;
  let asked: Promise<boolean> | null = null;
  return {
    mayStart: () => (asked ??= gates.mayStart?.() ?? Promise.resolve(true)),
    mayFinish: () => gates.mayFinish?.() ?? true,
  };
}

function watchContent(request: HttpRequest, opened: { isContentRead: boolean }): HttpRequest {
  const { body = null } = request;
  if (body === null || typeof body === 'string' || body instanceof Uint8Array) return request;
  const watched: HttpBody = {
    // Known only when the gates have been asked.
    get sizeBytes() {
      return body.sizeBytes;
    },
    open: () => {
      opened.isContentRead = true;
      return body.open();
    },
  };
  return { ...request, body: watched };
}

/** @throws RangeError for an address that is not https: no token and no mail leaves in clear. */
function httpsOrigin(address: string): URL {
  const url = new URL(address);
  if (url.protocol !== 'https:') throw new RangeError('Only https addresses are asked');
  return url;
}
