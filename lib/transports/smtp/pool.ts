import type { Clock } from '#lib/clock.ts';
import type { SendOutcome } from '../contract.ts';
import type { Transcript } from '../transcript.ts';
import type { OpenResult } from './open-session.ts';
import type { SmtpSession } from './session.ts';

/** What a mail asks of its connection. */
export interface SessionWish {
  readonly signal: AbortSignal;
  /** Asks for a connection not used before. */
  readonly wantsFresh: boolean;
  /** Takes the dialogue of a connection that is opened for this mail. */
  readonly transcript: Transcript | null;
}

export interface PoolOptions {
  readonly maxConnections: number;
  readonly maxMessagesPerConnection: number;
  readonly idleMs: number;
  readonly clock: Clock;
  readonly open: (wish: SessionWish) => Promise<OpenResult>;
}

export type Acquired =
  | { readonly ok: true; readonly session: SmtpSession; readonly isReused: boolean }
  | { readonly ok: false; readonly outcome: SendOutcome };

/**
 * The connections of one server, at most `maxConnections`. Who finds none free waits in line. The connection used
 * last is used next, so that in quiet times the others fall idle and are closed.
 */
export class SessionPool {
  readonly #options: PoolOptions;
  readonly #idle: SmtpSession[] = [];
  /** Resolved when a turn comes: with a session, with null for "open one yourself". */
  readonly #waiting = new Set<(turn: SmtpSession | null) => void>();
  #openCount = 0;
  #isClosed = false;
  #idleTimer: NodeJS.Timeout | null = null;
  #whenEmpty: (() => void) | null = null;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** A session for one mail; give it back with `release`. */
  async acquire(wish: SessionWish): Promise<Acquired> {
    const { signal, wantsFresh } = wish;
    if (this.#isClosed || signal.aborted) return { ok: false, outcome: { kind: 'withheld' } };
    const idle = this.#takeIdle(wantsFresh);
    if (idle !== null) return { ok: true, session: idle, isReused: true };
    if (this.#openCount < this.#options.maxConnections) {
      this.#openCount += 1;
      return this.#open(wish);
    }
    const turn = await this.#waitForTurn(signal);
    if (turn === 'aborted') return { ok: false, outcome: { kind: 'withheld' } };
    if (turn === null) return this.#open(wish);
    if (!wantsFresh) return { ok: true, session: turn, isReused: true };
    turn.quit();
    return this.#open(wish);
  }

  /** Takes a session back. An unfit one is ended and its place goes to the next in line. */
  release(session: SmtpSession, isFit: boolean): void {
    const isWorn = session.mailCount >= this.#options.maxMessagesPerConnection;
    if (!isFit || !session.wire.isAlive || isWorn || this.#isClosed) {
      if (isFit) session.quit();
      else session.wire.drop();
      this.#freePlace();
      return;
    }
    const next = this.#nextInLine();
    if (next !== null) return next(session);
    session.idleSinceMs = this.#options.clock.monotonicMs();
    this.#idle.push(session);
    this.#idleTimer ??= setInterval(() => this.#closeIdle(), Math.max(50, this.#options.idleMs / 4)).unref();
  }

  /** Ends idle connections now; resolves when the busy ones have been released. */
  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#idleTimer !== null) clearInterval(this.#idleTimer);
    for (const session of this.#idle.splice(0)) {
      session.quit();
      this.#openCount -= 1;
    }
    for (const turn of this.#waiting) turn(null);
    this.#waiting.clear();
    if (this.#openCount === 0) return;
    await new Promise<void>((resolve) => {
      this.#whenEmpty = resolve;
    });
  }

  async #open(wish: SessionWish): Promise<Acquired> {
    if (this.#isClosed) {
      this.#freePlace();
      return { ok: false, outcome: { kind: 'withheld' } };
    }
    const result = await this.#options.open(wish);
    if (result.ok) return { ok: true, session: result.session, isReused: false };
    this.#freePlace();
    return result;
  }

  #takeIdle(wantsFresh: boolean): SmtpSession | null {
    for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop()) {
      if (session.wire.isAlive && !wantsFresh) return session;
      session.quit();
      this.#openCount -= 1;
    }
    return null;
  }

  #waitForTurn(signal: AbortSignal): Promise<SmtpSession | null | 'aborted'> {
    return new Promise((resolve) => {
      const onAbort = (): void => {
        this.#waiting.delete(turn);
        resolve('aborted');
      };
      const turn = (session: SmtpSession | null): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(session);
      };
      this.#waiting.add(turn);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #nextInLine(): ((turn: SmtpSession | null) => void) | null {
    for (const turn of this.#waiting) {
      this.#waiting.delete(turn);
      return turn;
    }
    return null;
  }

  /** A connection is gone: its place goes to the next in line, or is free. */
  #freePlace(): void {
    const next = this.#nextInLine();
    if (next !== null) return next(null);
    this.#openCount -= 1;
    if (this.#openCount === 0) this.#whenEmpty?.();
  }

  #closeIdle(): void {
    const oldestAllowedMs = this.#options.clock.monotonicMs() - this.#options.idleMs;
    for (let index = this.#idle.length - 1; index >= 0; index -= 1) {
      const session = this.#idle[index];
      if (session === undefined || (session.wire.isAlive && session.idleSinceMs > oldestAllowedMs)) continue;
      this.#idle.splice(index, 1);
      session.quit();
      this.#openCount -= 1;
    }
    if (this.#idle.length > 0 || this.#idleTimer === null) return;
    clearInterval(this.#idleTimer);
    this.#idleTimer = null;
  }
}
