/** `hasty-worker-program.ts [names.json]`: the product's worker with the deadlines and the resolver of a test. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { readServiceEnvironment } from '#lib/env.ts';
import { runWorker } from '#lib/queue/run-worker.ts';
import { openServices } from '#lib/services.ts';
import { buildTransport, type TransportOptions } from '#lib/transports/build-transport.ts';
import { type HostLookup, lookupBySystem } from '#lib/transports/resolve-host.ts';
import { startJobRunner } from '#worker/job-runner.ts';
import { taskRegistry } from '#worker/registry.ts';

const [, , namesFile] = process.argv;
const deadlines = {
  dnsMs: 2_000,
  connectMs: 3_000,
  greetingMs: 3_000,
  commandMs: 3_000,
  dataIdleMs: 3_000,
  finalAnswerMs: 3_000,
  idleMs: 5_000,
};
const names = z.record(z.string(), z.union([z.array(z.string()), z.string()]));

const lookupByFile: HostLookup = async (host) => {
  if (namesFile === undefined) return lookupBySystem(host);
  const found = names.parse(JSON.parse(await readFile(namesFile, 'utf8')))[host] ?? 'ENOTFOUND';
  if (typeof found !== 'string') return found;
  if (found === 'silence') return new Promise<never>(() => undefined);
  throw Object.assign(new Error(`lookup of ${host}: ${found}`), { code: found });
};

function hasty(options: TransportOptions): TransportOptions {
  if (options.protocol !== 'smtp' && options.protocol !== 'smtps') return options;
  return { ...options, deadlines, lookup: lookupByFile };
}

const environment = readServiceEnvironment(process.env);
const services = openServices(environment, { name: 'worker' });
const worker = await runWorker(services, { buildTransport: (options) => buildTransport(hasty(options)) });
const jobs = await startJobRunner({
  connectionString: environment.databaseDirectUrl,
  tasks: taskRegistry(services, (laneId) => worker.wake(laneId)),
  log: services.log,
});
services.log.info({ pid: process.pid }, 'worker ready');
process.once('SIGTERM', () => {
  void Promise.all([jobs.stop(), worker.stop()])
    .then(() => services.database.close())
    .then(() => process.exit(0));
});
