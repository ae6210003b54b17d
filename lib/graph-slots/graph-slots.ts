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

/** A turn is held for so much longer than its request may take, so that the next request here can use it at once. */
const slackMs = 5000;

/** So long a turn that nobody here waits for is kept: the next mail of a busy lane comes within it. */
const restMs = 20;

interface HeldTurn {
  readonly number: number;
  readonly holder: string;
  /** By this process's own clock, counted from before the statement that wrote it. */
  heldUntilMs: number;
  /** Another process waits: it goes back when its request is done. */
  isWanted: boolean;
}

interface Waiting {
  readonly holdMs: number;
  readonly start: (turn: HeldTurn) => void;
}

/**
 * Who waits in this process for turns of one key. A turn that is given back goes to the next here without a word to the
 * database, which hears of it meanwhile and tells whether another process wants it.
 */
class SlotLine implements RequestSlots {
  readonly #database: Database;
  readonly #key: Buffer;
  readonly #processId: string;
  readonly #waiting: Waiting[] = [];
  readonly #resting = new Map<HeldTurn, NodeJS.Timeout>();
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
    const holdMs = Math.ceil(deadlineMs);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        const at = this.#waiting.indexOf(waiting);
        if (at !== -1) this.#waiting.splice(at, 1);
        resolve(null);
      };
      const waiting: Waiting = {
        holdMs,
        start: (turn) => {
          signal.removeEventListener('abort', onAbort);
          resolve(this.#slotOf(turn));
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(waiting);
      for (const turn of this.#resting.keys()) return this.#wakeUp(turn);
      this.#look();
    });
  }

  async settled(): Promise<void> {
    for (const turn of this.#resting.keys()) this.#wakeUp(turn);
    while (this.#writes.size > 0) await Promise.all(this.#writes);
  }

  #slotOf(turn: HeldTurn): RequestSlot {
    let isGivenBack = false;
    return {
      giveBack: () => {
        if (!isGivenBack) this.#passOn(turn);
        isGivenBack = true;
      },
    };
  }

  #passOn(turn: HeldTurn): void {
    const [next] = this.#waiting;
    if (turn.isWanted) return this.#giveAway(turn);
    if (next === undefined) {
      this.#resting.set(
        turn,
        setTimeout(() => this.#wakeUp(turn), restMs),
      );
    } else if (turn.heldUntilMs - performance.now() < next.holdMs) this.#giveAway(turn);
    else {
      this.#waiting.shift();
      next.start(turn);
      this.#write(this.#renew(turn, next.holdMs));
    }
  }

  /** A turn at rest goes to who waits now, or back. */
  #wakeUp(turn: HeldTurn): void {
    clearTimeout(this.#resting.get(turn));
    this.#resting.delete(turn);
    if (this.#waiting.length > 0) this.#passOn(turn);
    else this.#giveAway(turn);
  }

  #giveAway(turn: HeldTurn): void {
    this.#write(this.#freeAndLook(turn));
  }

  async #freeAndLook(turn: HeldTurn): Promise<void> {
    await this.#free(turn);
    if (this.#waiting.length === 0) return;
    // Another process that wants it gets the time to see that it is free.
    if (turn.isWanted) this.#lookLater();
    else this.#look();
  }

  /** Asks the database for as many turns as are wanted and free. One look at a time. */
  #look(): void {
    if (this.#isLooking) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
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
      const first = this.#waiting.shift();
      if (first === undefined) this.#giveAway(turn);
      else first.start(turn);
    }
    return true;
  }

  async #takeOne(holdMs: number): Promise<HeldTurn | null> {
    const holder = randomUUID();
    const heldUntilMs = performance.now() + holdMs + slackMs;
    const { rows } = await asWorker(this.#database, (tx) =>
      tx.queryPrepared<{ number: number | null }>(
        'select mailroom.take_graph_slot($1, $2, $3, $4) as number',
        [this.#key, holder, this.#processId, holdMs + slackMs],
      ),
    );
    const number = rows[0]?.number ?? null;
    return number === null ? null : { number, holder, heldUntilMs, isWanted: false };
  }

  /** Prolongs a turn that is in use again. What cannot be prolonged is not used a third time. */
  async #renew(turn: HeldTurn, holdMs: number): Promise<void> {
    const heldUntilMs = performance.now() + holdMs + slackMs;
    const kept = await this.#keep(turn, holdMs + slackMs).catch(() => false);
    if (kept) turn.heldUntilMs = heldUntilMs;
    else turn.isWanted = true;
  }

  async #keep(turn: HeldTurn, holdMs: number): Promise<boolean> {
    const { rows } = await asWorker(this.#database, (tx) =>
      tx.queryPrepared<{ kept: boolean }>(
        'select mailroom.keep_graph_slot($1, $2::smallint, $3, $4, $5) as kept',
        [this.#key, turn.number, turn.holder, this.#processId, holdMs],
      ),
    );
    return rows[0]?.kept === true;
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
