import type { Task } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { switchOffEmailDebug } from '#lib/settings/switch-off-email-debug.ts';

/** Writes down that an email debug has ended by its time. */
export function switchOffDebugTask(services: Services): Task {
  return async () => {
    await switchOffEmailDebug(services);
  };
}
