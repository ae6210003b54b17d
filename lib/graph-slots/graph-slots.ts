import { randomUUID } from 'node:crypto';
import { asWorker, type Database } from '#db/client.ts';
import type { RequestSlot, RequestSlots } from '../transports/supplies.ts';

/** While all turns are taken elsewhere, each key is asked about so often. */
const lookEveryMs = 100;

/** The turns of this process at every mailbox; one for all its transports. */
export interface GraphSlots {
  /** Turns by one key; the same object for the same key. */
  of(key: Buffer): RequestSlots;
  /** Resolves when every turn that was given back is free in the database. */
  settled(): Promise<void>;
}

export function createGraphSlots(database: Database): GraphSlots {
  const processId = randomUUID();
  const lines = new Map<string, SlotLine>();
  return {
    of(key) {
      const name = key.toString('hex');
      const known = lines.get(name);
      if (known !== undefined) return known;
      const line = new SlotLine(database, key, processId);
      lines.set(name, line);
      return line;
    },
    async settled() {
      await Promise.all([...lines.values()].map((line) => line.settled()));
    },
  };
}

interface HeldTurn {
  readonly number: number;
  readonly holder: string;
}

interface Waiting {
  readonly holdMs: number;
  readonly start: (turn: HeldTurn) => void;
}

/**
 * Who waits in this process for turns of one key. A turn that is given back goes to the next here by one statement,
 * unless another process wants it; only where nothing is free does the line look again by the clock.
 */
class SlotLine implements RequestSlots {
  readonly #database: Database;
  readonly #key: Buffer;
  readonly #processId: string;
  readonly #waiting: Waiting[] = [];
  readonly #writes = new Set<Promise<void>>();
  #isLooking = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(database: Database, key: Buffer, processId: string) {
    this.#database = database;
    this.#key = key;
    this.#processId = processId;
  }

  take(deadlineMs: number, signal: AbortSignal): Promise<RequestSlot | null> {
    if (signal.aborted) return Promise.resolve(null);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        const at = this.#waiting.indexOf(waiting);
        if (at !== -1) this.#waiting.splice(at, 1);
        resolve(null);
      };
      const waiting: Waiting = {
        holdMs: Math.ceil(deadlineMs),
        start: (turn) => {
          signal.removeEventListener('abort', onAbort);
          resolve(this.#slotOf(turn));
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      this.#look();
    });
  }

  async settled(): Promise<void> {
    while (this.#writes.size > 0) await Promise.all(this.#writes);
  }

  #slotOf(turn: HeldTurn): RequestSlot {
    let isGivenBack = false;
    return {
      giveBack: () => {
        if (!isGivenBack) this.#write(this.#passOn(turn));
        isGivenBack = true;
      },
    };
  }

  /** Asks the database for as many turns as are wanted and free. One look at a time. */
  #look(): void {
    if (this.#isLooking || this.#timer !== null) return;
    this.#isLooking = true;
    this.#write(this.#lookNow());
  }

  async #lookNow(): Promise<void> {
    const isEmptied = await this.#takeWhatIsFree();
    this.#isLooking = false;
    if (!isEmptied || this.#waiting.length > 0) this.#lookLater();
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (this.#waiting.length > 0) this.#look();
    }, lookEveryMs);
  }

  /** False where nothing was free for somebody who waits. A database that does not answer has nothing free. */
  async #takeWhatIsFree(): Promise<boolean> {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const turn = await this.#takeOne(next.holdMs).catch(() => null);
      if (turn === null) return false;
      this.#handTo(turn);
    }
    return true;
  }

  /** Who waited may have gone meanwhile; a turn that nobody wants is freed. */
  #handTo(turn: HeldTurn): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#write(this.#free(turn));
    else next.start(turn);
  }

  async #passOn(turn: HeldTurn): Promise<void> {
    const [next] = this.#waiting;
    const kept = next === undefined ? null : await this.#keep(turn, next.holdMs).catch(() => null);
    if (kept !== null) return this.#handTo(kept);
    await this.#free(turn);
    // Another process wants it: it gets the time to see that the turn is free.
    if (this.#waiting.length > 0) this.#lookLater();
  }

  async #takeOne(holdMs: number): Promise<HeldTurn | null> {
    const holder = randomUUID();
    const { rows } = await asWorker(this.#database, (tx) =>
      tx.queryPrepared<{ number: number | null }>(
        'select mailroom.take_graph_slot($1, $2, $3, $4) as number',
        [this.#key, holder, this.#processId, holdMs],
      ),
    );
    const number = rows[0]?.number ?? null;
    return number === null ? null : { number, holder };
  }

  async #keep(turn: HeldTurn, holdMs: number): Promise<HeldTurn | null> {
    const holder = randomUUID();
    const { rows } = await asWorker(this.#database, (tx) =>
      tx.queryPrepared<{ kept: boolean }>(
        'select mailroom.keep_graph_slot($1, $2::smallint, $3, $4, $5, $6) as kept',
        [this.#key, turn.number, turn.holder, holder, this.#processId, holdMs],
      ),
    );
    return rows[0]?.kept === true ? { number: turn.number, holder } : null;
  }

  /** A turn that cannot be freed is free by itself when its time is over. */
  async #free(turn: HeldTurn): Promise<void> {
    await asWorker(this.#database, (tx) =>
      tx.queryPrepared('select mailroom.free_graph_slot($1, $2::smallint, $3)', [
        this.#key,
        turn.number,
        turn.holder,
      ]),
    ).catch(() => undefined);
  }

  #write(work: Promise<void>): void {
    this.#writes.add(work);
    void work.finally(() => this.#writes.delete(work));
  }
}
