import type { Clock } from '#lib/clock.ts';
import type { HttpConnection } from './connection.ts';
import type { HttpFault } from './faults.ts';
import type { OpenConnectionResult } from './open-connection.ts';

export type Leased =
  | { readonly kind: 'leased'; readonly connection: HttpConnection; readonly isReused: boolean }
  | { readonly kind: 'failed'; readonly fault: HttpFault }
  /** The signal or `close` ended the wait. */
  | { readonly kind: 'withheld' };

interface PoolOptions {
  readonly maxConnections: number;
  readonly idleMs: number;
  readonly clock: Clock;
}

/** The connections of one origin. The one used last is used next, so that in quiet times the others fall idle. */
export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #idle: HttpConnection[] = [];
  /** Resolved when a place is free, or when the wait is over for nothing. */
  readonly #waiting = new Set<() => void>();
  #openCount = 0;
  #isClosed = false;
  #idleTimer: NodeJS.Timeout | null = null;
  #whenEmpty: (() => void) | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  async lease(
    open: () => Promise<OpenConnectionResult>,
    wantsFresh: boolean,
    signal: AbortSignal,
  ): Promise<Leased> {
    for (;;) {
      if (this.#isClosed || signal.aborted) return { kind: 'withheld' };
      const idle = this.#takeIdle(wantsFresh);
      if (idle !== null) return { kind: 'leased', connection: idle, isReused: true };
      if (this.#openCount < this.#options.maxConnections) break;
      await this.#waitForPlace(signal);
    }
    this.#openCount += 1;
    const opened = await open();
    if (opened.ok && !this.#isClosed)
      return { kind: 'leased', connection: opened.connection, isReused: false };
    if (opened.ok) opened.connection.drop();
    this.#freePlace();
    return opened.ok || signal.aborted ? { kind: 'withheld' } : { kind: 'failed', fault: opened.fault };
  }

  /** Takes a connection back; an unfit one is ended. */
  release(connection: HttpConnection, isFit: boolean): void {
    if (!isFit || !connection.isAlive || this.#isClosed) {
      connection.drop();
      return this.#freePlace();
    }
    connection.idleSinceMs = this.#options.clock.monotonicMs();
    this.#idle.push(connection);
    this.#idleTimer ??= setInterval(() => this.#closeIdle(), Math.max(50, this.#options.idleMs / 4)).unref();
    this.#wakeNext();
  }

  /** Ends idle connections now; resolves when the busy ones are given back. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#idleTimer !== null) clearInterval(this.#idleTimer);
    for (const connection of this.#idle.splice(0)) {
      connection.drop();
      this.#openCount -= 1;
    }
    for (const wake of this.#waiting) wake();
    if (this.#openCount === 0) return;
    await new Promise<void>((resolve) => {
      const before = this.#whenEmpty;
      this.#whenEmpty = () => {
        before?.();
        resolve();
      };
    });
  }

  #takeIdle(wantsFresh: boolean): HttpConnection | null {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (connection.isAlive && !wantsFresh) return connection;
      connection.drop();
      this.#openCount -= 1;
    }
    return null;
  }

  #waitForPlace(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  #wakeNext(): void {
    const [next] = this.#waiting;
    next?.();
  }

  #freePlace(): void {
    this.#openCount -= 1;
    this.#wakeNext();
    if (this.#openCount === 0) this.#whenEmpty?.();
  }

  #closeIdle(): void {
    const oldestAllowedMs = this.#options.clock.monotonicMs() - this.#options.idleMs;
    const kept = this.#idle.filter(({ isAlive, idleSinceMs }) => isAlive && idleSinceMs > oldestAllowedMs);
    for (const connection of this.#idle.splice(0)) {
      if (kept.includes(connection)) continue;
      connection.drop();
      this.#openCount -= 1;
    }
    this.#idle.push(...kept);
    if (kept.length > 0 || this.#idleTimer === null) return;
    clearInterval(this.#idleTimer);
    this.#idleTimer = null;
  }
}
