import type { Desk } from '../support/desk.ts';
import type { Ground } from '../support/ground.ts';
import type { WorkerProcess } from '../support/worker.ts';

/** Two workers at all times: one dies, one lives on, a new one comes. */
export class Pair {
  readonly #ground: Ground;
  #workers: WorkerProcess[] = [];
  #filled = Promise.resolve();

  constructor(ground: Ground) {
    this.#ground = ground;
  }

  fill(): Promise<void> {
    this.#filled = this.#filled.then(async () => {
      while (this.#workers.length < 2) this.#workers.push(await this.#ground.startWorker());
      return undefined;
    });
    return this.#filled;
  }

  /** Kills the one that drives the lane, or any where none does. */
  async killHolder(desk: Desk): Promise<void> {
    // One that has just been started may drive the lane before we have it.
    await this.#filled;
    const pid = await desk.holderPid();
    const victim =
      this.#workers.find((worker) => worker.pid === pid) ?? this.#ground.random.pick(this.#both());
    this.#workers = this.#workers.filter((worker) => worker !== victim);
    await this.#ground.kill(victim);
  }

  #both(): [WorkerProcess, ...WorkerProcess[]] {
    const [first, ...others] = this.#workers;
    if (first === undefined) throw new Error('no worker is left');
    return [first, ...others];
  }
}
