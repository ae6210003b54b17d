import { setTimeout as pause } from 'node:timers/promises';
import { asWorker, type Database } from '#db/client.ts';

const lookEveryMs = 200;

/** Notices soon that a database that was away answers again: the loops rest longer between their turns. */
export class DatabaseReturn {
  readonly #database: Database;
  readonly #onBack: () => void;
  readonly #closing = new AbortController();
  #looking: Promise<void> | null = null;

  constructor(database: Database, onBack: () => void) {
    this.#database = database;
    this.#onBack = onBack;
  }

  /** It has not answered. */
  noteAway(): void {
    if (this.#closing.signal.aborted) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await pause(lookEveryMs, undefined, { signal }).catch(() => undefined);
      if (await this.#answers()) return signal.aborted ? undefined : this.#onBack();
    }
  }

  async #answers(): Promise<boolean> {
    try {
      await asWorker(this.#database, (tx) => tx.queryLast('select 1', []));
      return true;
    } catch {
      return false;
    }
  }
}
