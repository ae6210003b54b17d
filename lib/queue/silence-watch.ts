import type { Clock } from '#lib/clock.ts';
import type { Fault } from '#lib/transports/contract.ts';
import type { MailAttempt } from './mail-attempt.ts';

/** No answer to anything for so long, and a new connection is tried beside the open ones. */
const silentMs = 15_000;
/** A server that takes connections and is slow is left in peace for so long. */
const patienceMs = 60_000;

/** Faults of a probe that say that nobody is there; a refusal is an answer. */
const nobodyThere: ReadonlySet<string> = new Set(['SMTP_TIMEOUT', 'SMTP_CONNECTION_LOST']);
const reaching: ReadonlySet<Fault['stage']> = new Set(['resolve', 'connect', 'proxy']);

/**
 * Watches the sends of a lane for a server that has gone dark. Open connections do not tell: their last words may be
 * waited for up to 5 minutes (RFC 5321 4.5.3.2). Where a new connection cannot be had either, nobody is there.
 */
export class SilenceWatch {
  readonly #clock: Clock;
  readonly #onDark: (attempt: MailAttempt, fault: Fault) => void;
  readonly #sends = new Map<MailAttempt, number>();
  #answeredMs = -Infinity;
  #nextProbeMs = -Infinity;
  #probe: AbortController | null = null;

  /** `onDark` gets one of the sends that the verdict is about. */
  constructor(clock: Clock, onDark: (attempt: MailAttempt, fault: Fault) => void) {
    this.#clock = clock;
    this.#onDark = onDark;
  }

  /** The sends under way. */
  get sends(): readonly MailAttempt[] {
    return [...this.#sends.keys()];
  }

  begin(attempt: MailAttempt): void {
    this.#sends.set(attempt, this.#clock.monotonicMs());
  }

  end(attempt: MailAttempt): void {
    this.#sends.delete(attempt);
    this.#answeredMs = this.#clock.monotonicMs();
    this.#probe?.abort();
    this.#probe = null;
  }

  /** Called by a timer. */
  look(): void {
    const nowMs = this.#clock.monotonicMs();
    const [oldest] = this.#sends;
    if (oldest === undefined || this.#probe !== null || nowMs < this.#nextProbeMs) return;
    const [attempt, startedMs] = oldest;
    if (Math.max(startedMs, this.#answeredMs) > nowMs - silentMs) return;
    if (attempt.prepared.outgoing === null || attempt.opened.document.connection.kind !== 'smtp') return;
    this.#probe = new AbortController();
    void this.#ask(attempt, this.#probe);
  }

  async #ask(attempt: MailAttempt, probe: AbortController): Promise<void> {
    const answer = await attempt.opened.transport.probe(() => undefined, probe.signal);
    // An answer has come meanwhile.
    if (this.#probe !== probe) return;
    this.#probe = null;
    this.#nextProbeMs = this.#clock.monotonicMs() + patienceMs;
    if (answer.ok || !(reaching.has(answer.fault.stage) || nobodyThere.has(answer.fault.code))) return;
    this.#onDark(attempt, answer.fault);
  }
}
