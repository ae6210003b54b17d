import { hostname } from 'node:os';
import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { autoResumeDue } from '#lib/backlog/auto-resume-due.ts';
import { foldHeldCounts } from '#lib/backlog/fold-held-counts.ts';
import type { Services } from '#lib/context.ts';
import type { TransportOptions } from '#lib/transports/build-transport.ts';
import type { Transport } from '#lib/transports/contract.ts';
import { PoolGate } from '#lib/pools/pool-gate.ts';
import { releaseQuota } from '#lib/pools/release-quota.ts';
import type { DrainHost } from './drain-host.ts';
import { expireDue } from './expire-due.ts';
import { beat, beatEveryMs, markStopped, registerWorker, takeFromLostWorkers } from './fleet.ts';
import { checkInstallation } from './installation.ts';
import { LaneDriver } from './lane-driver.ts';
import { LookDesk } from './look-desk.ts';
import { leaseMs, readWakeSeqs, renewLeases, validUntil } from './lease.ts';
import { PrimaryProbes } from './probe-primaries.ts';
import { recoverStarted } from './recover.ts';
import { SendSlots } from './send-slots.ts';
import { ServiceRestart } from './service-restart.ts';
import { createSettleBatch } from './settle-attempts.ts';
import { createSendingShow } from './show-sending.ts';
import { createStartBatch } from './start-attempts.ts';
import { createContentReader } from './stream-content.ts';
import { findIdleLanes } from './sweep.ts';
import { startLoop } from './timer-loop.ts';
import { TransportCache } from './transport-cache.ts';

export interface WorkerOptions {
  /** Lanes that take new mail at the same time. */
  readonly maxLanes?: number;
  /** Sends under way at the same time; slow ones stop counting. */
  readonly maxSends?: number;
  readonly sliceMs?: number;
  /** How long the mails under way may take after `stop`. */
  readonly finishWithinMs?: number;
  readonly version?: string;
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
  /** Finishes what is under way, gives the lanes back and leaves the list. */
  stop(): Promise<void>;
}

const counterSlots = 16;
const reaperEveryMs = 1000;
const strandedEveryMs = 30_000;

/** Starts the queue's work in this process. It needs no graphile-worker: jobs only make it quicker. */
export async function runWorker(services: Services, options: WorkerOptions = {}): Promise<RunningWorker> {
  const { database, clock, log } = services;
  const now = (): number => clock.monotonicMs();
  const abort = new AbortController();
  const slot = Math.floor(Math.random() * counterSlots);
  const transports = new TransportCache(services, options.buildTransport);
  const slots = new SendSlots(clock, options.maxSends ?? 128);
  const random = options.random ?? Math.random;
  const gate = new PoolGate({
    ...services,
    random,
    closeTransport: (projectId) => transports.closeProject(projectId),
  });
  let sentSinceBeat = 0;
  const sending = createSendingShow(database, now);
  const host: DrainHost = {
    ...services,
    sending,
    starts: createStartBatch(database, {
      now,
      // Slot 0 is that of limits that are to be kept.
      slot: 1 + (slot % (counterSlots - 1)),
      onStarted: (mark) => sending.noteStarted(mark),
    }),
    settles: createSettleBatch(database, {
      now,
      slot,
      onTrouble: (error) => log.warn({ err: error }, 'outcomes wait for the database'),
    }),
    transports,
    slots,
    gate,
    looks: new LookDesk(services),
    contents: createContentReader(database),
    abort: abort.signal,
    random,
    onSent: () => {
      sentSinceBeat += 1;
    },
  };
  await checkInstallation(database);
  const jobWorkerIds = options.jobWorkerIds ?? (() => []);
  const register = (): Promise<string> =>
    registerWorker(database, {
      host: hostname(),
      pid: process.pid,
      version: options.version ?? '0.1.0',
      jobWorkerIds: jobWorkerIds(),
    });
  let workerId = await register();
  const restart = new ServiceRestart(services, workerId);
  const primaries = new PrimaryProbes(services, random, options.buildTransport);
  const driver = new LaneDriver(host, workerId, {
    maxLanes: options.maxLanes ?? 16,
    sliceMs: options.sliceMs ?? 1000,
  });
  /** Since when this worker's beats have been unbroken: only then may it judge others. */
  let unbrokenSinceMs = now();
  let lastBeatMs = now();
  let lastStrandedMs = -Infinity;

  const loops = [
    startLoop('beat', beatEveryMs, log, async () => {
      const sent = sentSinceBeat;
      const askedMs = now();
      const isAlive = await beat(database, {
        workerId,
        lanesHeld: driver.leases.length,
        sentSinceLast: sent,
        memoryBytes: process.memoryUsage.rss(),
        jobWorkerIds: jobWorkerIds(),
      });
      sentSinceBeat -= sent;
      if (!isAlive) {
        log.warn({ workerId }, 'this worker was taken for lost and enters anew');
        workerId = await register();
        driver.startOver(workerId);
      }
      if (isAlive) driver.noticeBeat(validUntil(askedMs));
      if (now() - lastBeatMs > 2 * beatEveryMs) unbrokenSinceMs = now();
      lastBeatMs = now();
    }),
    startLoop('leases', beatEveryMs, log, async () => {
      const leases = driver.leases;
      const renewed = new Map(
        (await renewLeases(database, clock, leases)).map((row) => [row.laneId, row.wakeSeq]),
      );
      for (const lease of leases) {
        const wakeSeq = renewed.get(lease.laneId);
        if (wakeSeq === undefined) driver.lose(lease);
        else driver.noticeWake(lease.laneId, wakeSeq);
      }
    }),
    startLoop('wakes', 200, log, async () => {
      const laneIds = driver.leases.map(({ laneId }) => laneId);
      for (const row of await readWakeSeqs(database, laneIds)) driver.noticeWake(row.laneId, row.wakeSeq);
    }),
    startLoop('sweep', 1000, log, async () => {
      while ((await expireDue(database, slot)) > 0);
      for (const laneId of await findIdleLanes(database, 100)) driver.drive(laneId);
    }),
    startLoop('reaper', reaperEveryMs, log, async () => {
      const isUnbroken = now() - lastBeatMs <= 2 * beatEveryMs && now() - unbrokenSinceMs >= leaseMs;
      if (!isUnbroken) return;
      const lost = await takeFromLostWorkers(database);
      if (lost.length === 0 && now() - lastStrandedMs < strandedEveryMs) return;
      lastStrandedMs = now();
      const recovered = await recoverStarted(services, slot);
      if (lost.length > 0 || recovered > 0) log.warn({ lost, recovered }, 'lost workers were cleared away');
    }),
    startLoop('restart', 1000, log, () => restart.look(now() - unbrokenSinceMs >= leaseMs)),
    startLoop('primaries', 5000, log, () => primaries.look()),
    startLoop('installation', 10_000, log, async () => {
      const { stopped } = await checkInstallation(database);
      if (stopped !== null) log.warn({ reason: stopped }, 'nothing is sent until a person resumes the fleet');
    }),
    startLoop('sending', 100, log, () => sending.showSlow()),
    startLoop('turns', 100, log, async () => {
      slots.age();
      driver.tick();
    }),
    startLoop('pools', 1000, log, () => gate.look()),
    startLoop('quotas', 1000, log, async () => void (await releaseQuota(services))),
    startLoop('bulk runs', 500, log, async () => {
      await advanceBulkRuns(services);
    }),
    startLoop('auto resume', 1000, log, async () => {
      await autoResumeDue(services);
    }),
    startLoop('held counts', 5000, log, async () => {
      await foldHeldCounts(services);
    }),
    startLoop('transports', 60_000, log, async () => transports.closeUnused()),
  ];

  return {
    wake: (laneId) => driver.drive(laneId),
    isHealthy: () => now() - lastBeatMs < leaseMs,
    async stop() {
      const limit = setTimeout(() => abort.abort(), options.finishWithinMs ?? 25_000);
      await driver.stop();
      await host.looks.close();
      await host.settles.drained();
      clearTimeout(limit);
      primaries.close();
      await Promise.all(loops.map((loop) => loop.stop()));
      await gate.close();
      await transports.close();
      await markStopped(database, workerId);
    },
  };
}
