import { hostname } from 'node:os';
import { schemaNumber } from '#db/migration-state.ts';
import type { Services } from '#lib/context.ts';
import { beat, beatEveryMs, registerWorker } from './fleet.ts';
import { validUntil } from './lease.ts';
import { leaseMs } from './lease-time.ts';

export interface LifeOptions {
  readonly version: string;
  /** Names under which this process locks jobs. */
  jobWorkerIds(): readonly string[];
  lanesHeld(): number;
  /** The beat was taken: until then nobody takes this worker for lost. */
  onBeat(validUntilMs: number): void;
  /** A migration took away what this code needs. */
  onOutdated(): void;
  /** Others took it for lost: what it held is theirs, and it goes on under another id. */
  onLost(workerId: string): void;
}

interface PastBeat {
  readonly atMs: number;
  readonly sent: number;
}

/** The rate shown is that of so many beats. */
const ratedBeats = 5;

/** One worker's place in the fleet: its row, its beats, and what they say about others. */
export class WorkerLife {
  readonly #services: Services;
  readonly #options: LifeOptions;
  #id: string;
  #sentSinceBeat = 0;
  #past: readonly PastBeat[];
  /** Since when its beats have been unbroken: only then may it judge others. */
  #unbrokenSinceMs: number;
  #lastBeatMs: number;
  #isEnding = false;

  private constructor(services: Services, options: LifeOptions, id: string) {
    this.#services = services;
    this.#options = options;
    this.#id = id;
    this.#unbrokenSinceMs = this.#now();
    this.#lastBeatMs = this.#now();
    this.#past = [{ atMs: this.#now(), sent: 0 }];
  }

  /** Enters this process into the list of workers. */
  static async enter(services: Services, options: LifeOptions): Promise<WorkerLife> {
    return new WorkerLife(services, options, await register(services, options));
  }

  get id(): string {
    return this.#id;
  }

  /** Whether its beats reach the database. */
  get isHealthy(): boolean {
    return this.#now() - this.#lastBeatMs < leaseMs;
  }

  /** After an outage of the database everybody looks dead: only one whose own beats were taken for a lease may judge. */
  get mayJudge(): boolean {
    return this.#now() - this.#lastBeatMs <= 2 * beatEveryMs && this.isUnbroken;
  }

  /** Whether its beats have been taken for a whole lease without a break. */
  get isUnbroken(): boolean {
    return this.#now() - this.#unbrokenSinceMs >= leaseMs;
  }

  /** What is known of others was told by another clock: for a lease it judges nobody. */
  distrustOthers(): void {
    this.#unbrokenSinceMs = this.#now();
  }

  noteSent(): void {
    this.#sentSinceBeat += 1;
  }

  /** It is stopping: should it be taken for lost now, it does not come back. */
  end(): void {
    this.#isEnding = true;
  }

  /** Called by a timer. */
  async beat(): Promise<void> {
    const { database, log } = this.#services;
    const sent = this.#sentSinceBeat;
    const askedMs = this.#now();
    const past = [...this.#past, { atMs: askedMs, sent }].slice(-ratedBeats - 1);
    const answer = await beat(database, {
      workerId: this.#id,
      lanesHeld: this.#options.lanesHeld(),
      sentSinceLast: sent,
      sentPerSecond: rateOf(past),
      memoryBytes: process.memoryUsage.rss(),
      schemaNumber,
      jobWorkerIds: this.#options.jobWorkerIds(),
    });
    this.#past = past;
    this.#sentSinceBeat -= sent;
    if (answer !== 'lost') this.#options.onBeat(validUntil(askedMs));
    else if (!this.#isEnding) {
      log.warn({ workerId: this.#id }, 'this worker was taken for lost and enters anew');
      this.#id = await register(this.#services, this.#options);
      this.#options.onLost(this.#id);
    }
    if (answer === 'outdated' && !this.#isEnding) this.#options.onOutdated();
    if (this.#now() - this.#lastBeatMs > 2 * beatEveryMs) this.#unbrokenSinceMs = this.#now();
    this.#lastBeatMs = this.#now();
  }

  #now(): number {
    return this.#services.clock.monotonicMs();
  }
}

function rateOf(past: readonly PastBeat[]): number {
  const [first, ...others] = past;
  const elapsedMs = (others.at(-1)?.atMs ?? 0) - (first?.atMs ?? 0);
  const sent = others.reduce((sum, each) => sum + each.sent, 0);
  return elapsedMs <= 0 ? 0 : (1000 * sent) / elapsedMs;
}

function register({ database }: Services, options: LifeOptions): Promise<string> {
  return registerWorker(database, {
    host: hostname(),
    pid: process.pid,
    version: options.version,
    schemaNumber,
    jobWorkerIds: options.jobWorkerIds(),
  });
}
