import type { Clock } from '#lib/clock.ts';
import { Refusal } from './refusal.ts';
import { limits, type GraphSwitches } from './settings.ts';

interface Load {
  running: number;
  requests: { atMs: number; bytes: number }[];
}

/** Microsoft's limits for one client ID and mailbox; requests that were refused count too. */
export class Throttle {
  /** The most requests that were ever worked on at a time, and how many were refused for any limit. */
  peak = 0;
  refused = 0;
  readonly #clock: Clock;
  readonly #switches: GraphSwitches;
  readonly #loads = new Map<string, Load>();

  constructor(clock: Clock, switches: GraphSwitches) {
    this.#clock = clock;
    this.#switches = switches;
  }

  /** Takes a request in, or throws the refusal; the returned function lets it out again. */
  enter(clientId: string, mailbox: string, uploadedBytes: number): () => void {
    const load = this.#loadOf(this.#switches.throttleBy === 'client' ? clientId : `${clientId}\n${mailbox}`);
    const nowMs = this.#clock.monotonicMs();
    load.requests = load.requests.filter(({ atMs }) => atMs > nowMs - limits.requests.withinMs);
    load.requests.push({ atMs: nowMs, bytes: uploadedBytes });
    const uploaded = load.requests
      .filter(({ atMs }) => atMs > nowMs - limits.uploadedBytes.withinMs)
      .reduce((sum, { bytes }) => sum + bytes, 0);
    if (load.running >= limits.concurrentRequests) this.#refuse('MailboxConcurrency');
    if (load.requests.length > limits.requests.count) this.#refuse('RequestRate');
    if (uploaded > limits.uploadedBytes.count) this.#refuse('UploadRate');
    load.running += 1;
    this.peak = Math.max(this.peak, load.running);
    return () => {
      load.running -= 1;
    };
  }

  #loadOf(key: string): Load {
    const known = this.#loads.get(key);
    if (known !== undefined) return known;
    const load: Load = { running: 0, requests: [] };
    this.#loads.set(key, load);
    return load;
  }

  #refuse(limit: string): never {
    this.refused += 1;
    throw new Refusal(429, 'ApplicationThrottled', `Application is over its ${limit} limit.`, {
      innerCode: limit,
      headers: { 'retry-after': String(this.#switches.retryAfterSeconds) },
    });
  }
}
