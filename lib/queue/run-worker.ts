import { setTimeout as pause } from 'node:timers/promises';
import type { Services } from '#lib/context.ts';
import type { TransportOptions } from '#lib/transports/build-transport.ts';
import type { Transport } from '#lib/transports/contract.ts';
import { PoolGate } from '#lib/pools/pool-gate.ts';
import { ClockWatch } from './clock-watch.ts';
import { DatabaseReturn } from './database-return.ts';
import type { DrainHost } from './drain-host.ts';
import { markStopped } from './fleet.ts';
import { checkInstallation } from './installation.ts';
import { LaneDriver } from './lane-driver.ts';
import { PlacesOfLanes } from './lane-places.ts';
import { LookDesk } from './look-desk.ts';
import { PrimaryProbes } from './probe-primaries.ts';
import { SendSlots } from './send-slots.ts';
import { ServiceRestart } from './service-restart.ts';
import { createSettleBatch } from './settle-attempts.ts';
import { createSendingShow } from './show-sending.ts';
import { createStartBatch } from './start-attempts.ts';
import { createContentReader } from './stream-content.ts';
import { TransportCache } from './transport-cache.ts';
import { WorkerLife } from './worker-life.ts';
import { startLivingLoops, startWorkLoops } from './worker-loops.ts';

export interface WorkerOptions {
  /** Lanes that take new mail at the same time. */
  readonly maxLanes?: number;
  /** Sends under way at the same time; slow ones stop counting. */
  readonly maxSends?: number;
  readonly sliceMs?: number;
  /** How long the mails under way may take after `stop`. */
  readonly finishWithinMs?: number;
  readonly version?: string;
  /** Called when a migration took away what this code needs: the process is to stop. */
  readonly onOutdated?: () => void;
  /** How a transport is made of opened settings; another one for measurements only. */
  readonly buildTransport?: (options: TransportOptions) => Transport;
  /** Chance in [0, 1) for jitter. */
  readonly random?: () => number;
  /** Names under which this process locks graphile-worker's jobs. */
  readonly jobWorkerIds?: () => readonly string[];
}

/** A worker that is at work: it finds mail by itself, and sooner where it is told. */
export interface RunningWorker {
  /** A job says that this lane has mail. */
  wake(laneId: string): void;
  /** Whether its beats reach the database. */
  isHealthy(): boolean;
  /**
   * Gives the lanes back at once, finishes what is under way and leaves the list. Throws `UnfinishedStop` where the
   * database does not take that: what was under way is then treated as after a crash.
   */
  stop(): Promise<void>;
  /** Ends the time for finishing: what has not begun its last bytes is given back, of the rest is told what is known. */
  hurry(): void;
}

export class UnfinishedStop extends Error {
  constructor() {
    super('The database has not taken the outcomes of all mails that were under way.');
    this.name = 'UnfinishedStop';
  }
}

const counterSlots = 16;
/** After the time for finishing, so long for the last outcomes to be written. */
const lastWordsMs = 5000;

/** Starts the queue's work in this process. It needs no graphile-worker: jobs only make it quicker. */
export async function runWorker(services: Services, options: WorkerOptions = {}): Promise<RunningWorker> {
  const { database } = services;
  const abort = new AbortController();
  const slot = Math.floor(Math.random() * counterSlots);
  const { host, gate } = openHost(services, options, {
    signal: abort.signal,
    slot,
    onSent: () => life.noteSent(),
  });
  const { transports, slots, sending } = host;
  await checkInstallation(database);
  const watch = new ClockWatch(database, services.clock);
  // Before this worker enters: who has entered before it is told by the clock.
  await watch.look();
  const life = await WorkerLife.enter(services, {
    version: options.version ?? '',
    jobWorkerIds: options.jobWorkerIds ?? (() => []),
    lanesHeld: () => driver.leases.length,
    onBeat: (validUntilMs) => driver.noticeBeat(validUntilMs),
    onLost: (workerId) => driver.startOver(workerId),
    onOutdated: () => options.onOutdated?.(),
  });
  const driver = new LaneDriver(host, life.id, {
    maxLanes: options.maxLanes ?? 16,
    sliceMs: options.sliceMs ?? 1000,
  });
  const restart = new ServiceRestart(services, life.id);
  await restart.look(false);
  const primaries = new PrimaryProbes(services, () => host.random(), options.buildTransport);
  const parts = { services, life, driver, gate, slots, sending, transports, restart, primaries, watch, slot };
  const databaseReturn = new DatabaseReturn(database, () => workLoops.sweepNow());
  const loopHost = { log: services.log, onAway: () => databaseReturn.noteAway() };
  const livingLoops = startLivingLoops(parts, loopHost);
  const workLoops = startWorkLoops(parts, loopHost);

  async function finish(): Promise<void> {
    primaries.close();
    const worked = Promise.all(workLoops.all.map((loop) => loop.stop()));
    await driver.stop();
    await host.looks.close();
    await host.settles.drained();
    await worked;
    await Promise.all(livingLoops.map((loop) => loop.stop()));
    await databaseReturn.close();
    await gate.close();
    await transports.close();
    await markStopped(database, life.id);
  }

  return {
    wake: (laneId) => driver.drive(laneId),
    isHealthy: () => life.isHealthy,
    hurry: () => abort.abort(),
    async stop() {
      life.end();
      const limit = setTimeout(() => abort.abort(), options.finishWithinMs ?? 25_000);
      const late = aborted(abort.signal)
        .then(() => pause(lastWordsMs, undefined, { ref: false }))
        .then(() => Promise.reject(new UnfinishedStop()));
      try {
        await Promise.race([finish(), late]);
      } finally {
        clearTimeout(limit);
      }
    },
  };
}

function openHost(
  services: Services,
  options: WorkerOptions,
  worker: { readonly signal: AbortSignal; readonly slot: number; onSent(): void },
): { readonly host: DrainHost; readonly gate: PoolGate } {
  const { database, clock, log } = services;
  const now = (): number => clock.monotonicMs();
  const transports = new TransportCache(services, options.buildTransport);
  const random = options.random ?? Math.random;
  const gate = new PoolGate({
    ...services,
    random,
    closeTransport: (projectId) => transports.closeProject(projectId),
  });
  const sending = createSendingShow(database, now);
  const host: DrainHost = {
    ...services,
    sending,
    starts: createStartBatch(database, {
      now,
      // Slot 0 is that of limits that are to be kept.
      slot: 1 + (worker.slot % (counterSlots - 1)),
      onStarted: (mark) => sending.noteStarted(mark),
    }),
    settles: createSettleBatch(database, {
      now,
      slot: worker.slot,
      onTrouble: (error) => log.warn({ err: error }, 'outcomes wait for the database'),
    }),
    transports,
    slots: new SendSlots(clock, options.maxSends ?? 128),
    suspects: new SendSlots(clock, 1),
    gate,
    looks: new LookDesk({ ...services, abort: worker.signal }),
    places: new PlacesOfLanes(clock),
    contents: createContentReader(database),
    abort: worker.signal,
    random,
    onSent: () => worker.onSent(),
  };
  return { host, gate };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
