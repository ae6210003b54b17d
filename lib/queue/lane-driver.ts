import type { DrainHost } from './drain-host.ts';
import { LaneDrain } from './lane-drain.ts';
import { takeLease, type Lease } from './lease.ts';

export interface LaneDriverOptions {
  /** Lanes that take new mail at the same time. */
  readonly maxLanes: number;
  /** How long a lane may go on while others wait for their turn. */
  readonly sliceMs: number;
}

/**
 * Gives the lanes of one worker their turns. A lane is driven once at a time; when more lanes want to be driven than
 * there are turns, those that were at it for a slice go to the end of the line.
 */
export class LaneDriver {
  readonly #host: DrainHost;
  readonly #options: LaneDriverOptions;
  readonly #driven = new Map<string, { drain: LaneDrain; startedMs: number }>();
  readonly #starting = new Set<string>();
  readonly #line = new Set<string>();
  /** Drains whose lane was given back while mails are under way: they come to their end beside the next drain. */
  readonly #handed = new Set<LaneDrain>();
  /** Lanes whose drive the database broke off: their leases may still be ours, and nobody else may take them. */
  readonly #failed = new Set<string>();
  #workerId: string;
  #isStopping = false;
  #whenIdle: (() => void)[] = [];

  constructor(host: DrainHost, workerId: string, options: LaneDriverOptions) {
    this.#host = host;
    this.#workerId = workerId;
    this.#options = options;
  }

  /** The leases in hand, for renewal. */
  get leases(): readonly Lease[] {
    return [...this.#driven.values()]
      .filter(({ drain }) => !drain.isHandedOver)
      .map(({ drain }) => drain.lease);
  }

  /** This worker's beat was taken: until then nobody takes its mails under way for stranded. */
  noticeBeat(validUntilMs: number): void {
    const drains = [...this.#handed, ...[...this.#driven.values()].map(({ drain }) => drain)];
    for (const { isHandedOver, lease } of drains) {
      if (isHandedOver && lease.workerId === this.#workerId) lease.validUntilMs = validUntilMs;
    }
  }

  /** A lane has mail, says a job or the sweep. */
  drive(laneId: string): void {
    if (this.#isStopping) return;
    const driven = this.#driven.get(laneId);
    if (driven !== undefined) return driven.drain.lookAgain();
    if (this.#starting.has(laneId)) return;
    this.#line.add(laneId);
    this.#startNext();
  }

  /** The database answers: what it broke off need not wait for the end of its lease. */
  retryFailed(): void {
    const failed = [...this.#failed];
    this.#failed.clear();
    for (const laneId of failed) this.drive(laneId);
  }

  noticeWake(laneId: string, wakeSeq: number): void {
    this.#driven.get(laneId)?.drain.noticeWake(wakeSeq);
  }

  /** These lanes are no longer ours. */
  lose(lease: Lease): void {
    const driven = this.#driven.get(lease.laneId);
    if (driven !== undefined && driven.drain.lease === lease) driven.drain.stop('lost');
  }

  /** This worker was taken for lost and entered anew: no lease under the old id counts any more. */
  startOver(workerId: string): void {
    this.#workerId = workerId;
    for (const { drain } of this.#driven.values()) drain.stop('lost');
    for (const drain of this.#handed) drain.stop('lost');
  }

  /** Called by a timer: ends slices where others wait, and lets lanes go whose lease ran out. */
  tick(): void {
    const oldestMs = this.#host.clock.monotonicMs() - this.#options.sliceMs;
    let waiting = this.#line.size;
    for (const drain of this.#handed) drain.tick();
    for (const { drain, startedMs } of this.#driven.values()) {
      drain.tick();
      if (waiting === 0 || startedMs > oldestMs || !drain.isLaunching) continue;
      drain.stop('sliced');
      waiting -= 1;
    }
    this.#startNext();
  }

  /** Takes no new mail, waits for what is under way, gives every lane back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#line.clear();
    for (const { drain } of this.#driven.values()) drain.stop('shutdown');
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #startNext(): void {
    for (const laneId of this.#line) {
      if (this.#busyLanes() >= this.#options.maxLanes) return;
      this.#line.delete(laneId);
      this.#starting.add(laneId);
      void this.#run(laneId);
    }
  }

  #busyLanes(): number {
    let busy = this.#starting.size;
    for (const { drain } of this.#driven.values()) if (drain.isLaunching) busy += 1;
    return busy;
  }

  async #run(laneId: string): Promise<void> {
    const drain = await this.#begin(laneId);
    this.#starting.delete(laneId);
    if (drain !== null) {
      this.#driven.set(laneId, { drain, startedMs: this.#host.clock.monotonicMs() });
      if (this.#isStopping) drain.stop('shutdown');
      const end = await drain.run();
      const wasHanded = this.#handed.delete(drain);
      if (!wasHanded) this.#driven.delete(laneId);
      // A held lane may be free at once (it has changed its server); the lease is refused where it waits.
      if (!wasHanded && !this.#isStopping && (end === 'sliced' || end === 'held')) this.#line.add(laneId);
      if (end === 'failed') this.#failed.add(laneId);
    }
    if (this.#isStopping) this.#tellIdle();
    else this.#startNext();
  }

  async #begin(laneId: string): Promise<LaneDrain | null> {
    try {
      const taken = await takeLease(this.#host.database, this.#host.clock, {
        laneId,
        workerId: this.#workerId,
      });
      return taken === null
        ? null
        : new LaneDrain(this.#host, taken.lease, taken.facts, (drain) => this.#setBeside(drain));
    } catch (error) {
      this.#host.log.warn({ err: error, laneId }, 'lane not taken');
      this.#failed.add(laneId);
      return null;
    }
  }

  /** The lane of this drain is free again: the next drain of it need not wait for the last mails of this one. */
  #setBeside(drain: LaneDrain): void {
    const { laneId } = drain.lease;
    this.#handed.add(drain);
    if (this.#driven.get(laneId)?.drain === drain) this.#driven.delete(laneId);
    if (this.#isStopping) return;
    this.#line.add(laneId);
    this.#startNext();
  }

  get #isIdle(): boolean {
    return this.#driven.size + this.#starting.size + this.#handed.size === 0;
  }

  #tellIdle(): void {
    if (!this.#isIdle) return;
    for (const done of this.#whenIdle.splice(0)) done();
  }
}
