import { setTimeout as pause } from 'node:timers/promises';
import type { Database } from '#db/client.ts';
import { isId } from '#lib/ids.ts';

/** Tells the workers that a lane has mail. Call `wake` after the commit; it costs the caller nothing. */
export interface LaneWaker {
  /** Never throws: a wake that is lost costs a second, for the sweep finds the lane. */
  wake(laneId: string): void;
  /** Resolves when no wake is under way any more. */
  close(): Promise<void>;
}

/** After a wake its lane is left in peace for so long; what comes meanwhile shares the next one. */
const gapMs = 25;

/**
 * At most one call per lane is under way; wakes that come meanwhile become one more. A burst of a thousand accepts
 * thus costs a handful of wakes.
 */
export function createLaneWaker(database: Database): LaneWaker {
  const running = new Map<string, Promise<void>>();
  const wanted = new Set<string>();

  async function run(laneId: string): Promise<void> {
    do {
      wanted.delete(laneId);
      try {
        await wakeOnce(database, laneId);
      } catch {
        // The sweep of any worker finds the lane within a second.
      }
      await pause(gapMs);
    } while (wanted.has(laneId));
    running.delete(laneId);
  }

  return {
    wake(laneId) {
      wanted.add(laneId);
      if (!running.has(laneId)) running.set(laneId, run(laneId));
    },
    async close() {
      await Promise.all(running.values());
    },
  };
}

// Two statements in one message are one transaction and one round trip: this stands between an answer and its mail.
async function wakeOnce(database: Database, laneId: string): Promise<void> {
  if (!isId(laneId)) throw new TypeError('A lane is named by its id');
  await database.pool.query(`set local role mailroom_app; select mailroom.wake_lane('${laneId}')`);
}
