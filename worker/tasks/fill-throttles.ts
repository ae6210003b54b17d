import type { Task } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { fillThrottles } from '#lib/settings/fill-throttles.ts';

/** Stores the throttles of settings that were saved before they were kept. */
export function fillThrottlesTask(services: Services): Task {
  return async () => {
    await fillThrottles(services);
  };
}
