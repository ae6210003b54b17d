import { type ServiceEnvironment, readServiceEnvironment } from '#lib/env.ts';
import type { Services } from '#lib/context.ts';
import { wakeLane as wakeLaneOf } from '#lib/queue/wake-lane.ts';
import { openServices } from '#lib/services.ts';

/** What the portal's process made once: its environment and the services that every verb gets. */
interface PortalProcess {
  readonly environment: ServiceEnvironment;
  readonly services: Services;
}

declare global {
  // A reload in development evaluates this module again, and several bundles hold a copy of it: the pool of database
  // connections must still be one.
  var mailroomPortal: PortalProcess | undefined;
}

// A page that waits longer than this for one statement had better say so.
const statementTimeoutMs = 15_000;
// A server that still lives has ended the statement by then.
const answerTimeoutMs = 20_000;

function portalProcess(): PortalProcess {
  globalThis.mailroomPortal ??= openPortal();
  return globalThis.mailroomPortal;
}

function openPortal(): PortalProcess {
  const environment = readServiceEnvironment(process.env);
  return {
    environment,
    services: openServices(environment, { name: 'portal', statementTimeoutMs, answerTimeoutMs }),
  };
}

/** The services of this process, opened at their first use. */
export function portalServices(): Services {
  return portalProcess().services;
}

/** The parsed environment of this process. */
export function portalEnvironment(): ServiceEnvironment {
  return portalProcess().environment;
}

/** Tells the workers, after a commit, that a lane has something to do; never throws. */
export function wakeLane(laneId: string): void {
  wakeLaneOf(portalServices().database, laneId);
}
