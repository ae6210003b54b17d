import type { Task } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { announceEnds } from '#lib/oauth/announce-ends.ts';

/** Announces what of the connections is about to end. */
export function announceEndsTask(services: Services): Task {
  return async () => {
    await announceEnds(services);
  };
}
