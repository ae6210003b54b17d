import type { Task } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { proveDueConnections } from '#lib/connections/prove-due.ts';

/** Proves the connections whose minute has come, or whose settings were saved. */
export function proveConnectionsTask(services: Services): Task {
  return async () => {
    await proveDueConnections(services);
  };
}
