import type { Task } from 'graphile-worker';
import { z } from 'zod';

const payload = z.object({ laneId: z.uuid() });

/** A job says only that a lane has mail: it ends at once, and carries no state that a crash could lock away. */
export function drainLaneTask(wake: (laneId: string) => void): Task {
  return (given) => wake(payload.parse(given).laneId);
}
