import type { Database } from '#db/client.ts';
import { createLaneWaker, type LaneWaker } from './lane-waker.ts';

const wakers = new WeakMap<Database, LaneWaker>();

/** Tells the workers that the lane has something to do, after the commit. Never throws, costs the caller nothing. */
export function wakeLane(database: Database, laneId: string): void {
  const waker = wakers.get(database) ?? createLaneWaker(database);
  wakers.set(database, waker);
  waker.wake(laneId);
}
