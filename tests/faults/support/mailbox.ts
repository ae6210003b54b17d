/** One mail that a server has taken. */
export interface Arrival {
  readonly messageId: string;
  /** Null where the server does not keep whom a mail was for. */
  readonly to: readonly string[] | null;
}

/** What a server of a fault has taken, mail by mail. */
export class Mailbox {
  readonly arrivals: Arrival[] = [];
  readonly #distinct = new Set<string>();
  #waiting: { readonly count: number; readonly reached: () => void }[] = [];

  keep(arrival: Arrival): void {
    this.arrivals.push(arrival);
    this.#distinct.add(arrival.messageId);
    const { size } = this.#distinct;
    for (const { reached } of this.#waiting.filter(({ count }) => count <= size)) reached();
    this.#waiting = this.#waiting.filter(({ count }) => count > size);
  }

  /** How many different mails have come. */
  get size(): number {
    return this.#distinct.size;
  }

  /** Resolves when so many different mails have come, and rejects after `withinMs`. */
  reached(count: number, withinMs = 180_000): Promise<void> {
    if (this.#distinct.size >= count) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`${this.#distinct.size} of ${count} mails came within ${withinMs / 1000} s`));
      }, withinMs);
      this.#waiting.push({
        count,
        reached: () => {
          clearTimeout(timer);
          resolve();
        },
      });
    });
  }

  timesOf(messageId: string): number {
    return this.arrivals.filter((arrival) => arrival.messageId === messageId).length;
  }
}

/** The Message-ID in the head of a mail as it came over the wire. */
export function messageIdOf(content: string): string {
  return /^message-id:\s*(?<id><[^>]*>)/im.exec(content)?.groups?.['id'] ?? '';
}
