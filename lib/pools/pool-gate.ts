import type { GateAnswer, GateUser, LaneGate } from './lane-gate.ts';
import { PoolSeat, type SeatHost } from './pool-seat.ts';

/** The gate of one worker: a seat for each of its lanes at each pool. Lanes without a pool never come here. */
export class PoolGate implements LaneGate {
  readonly #host: SeatHost;
  readonly #seats = new Map<string, PoolSeat>();

  constructor(host: SeatHost) {
    this.#host = host;
  }

  allow(user: GateUser, poolId: string, projectId: string): GateAnswer {
    const key = `${poolId} ${user.lease.laneId}`;
    const known = this.#seats.get(key);
    const seat = known ?? new PoolSeat(this.#host, poolId, user);
    if (known === undefined) this.#seats.set(key, seat);
    else if (!known.isOf(user)) known.take(user);
    return seat.next(projectId);
  }

  leave(user: GateUser): void {
    for (const seat of this.#seats.values()) if (seat.isOf(user)) seat.leave();
  }

  /** Called by a timer: gives back the connections of lanes that rest or whose turn is over. */
  async look(): Promise<void> {
    await Promise.all(
      [...this.#seats].map(async ([key, seat]) => {
        if (!(await seat.look())) this.#seats.delete(key);
      }),
    );
  }

  /** Gives every connection back; the worker ends. */
  async close(): Promise<void> {
    await Promise.all([...this.#seats.values()].map((seat) => seat.close()));
    this.#seats.clear();
  }
}
