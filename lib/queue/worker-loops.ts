import { advanceBulkRuns } from '#lib/backlog/advance-bulk-runs.ts';
import { autoResumeDue } from '#lib/backlog/auto-resume-due.ts';
import { foldHeldCounts } from '#lib/backlog/fold-held-counts.ts';
import type { Services } from '#lib/context.ts';
import type { PoolGate } from '#lib/pools/pool-gate.ts';
import { releaseQuota } from '#lib/pools/release-quota.ts';
import type { ClockWatch } from './clock-watch.ts';
import { CostPace } from './cost-pace.ts';
import { expireDue } from './expire-due.ts';
import { beatEveryMs, takeFromLostWorkers } from './fleet.ts';
import { checkInstallation } from './installation.ts';
import type { LaneDriver } from './lane-driver.ts';
import { readWakeSeqs, renewLeases } from './lease.ts';
import type { PrimaryProbes } from './probe-primaries.ts';
import { recoverStarted } from './recover.ts';
import type { SendSlots } from './send-slots.ts';
import type { ServiceRestart } from './service-restart.ts';
import type { SendingShow } from './show-sending.ts';
import { findIdleLanes } from './sweep.ts';
import { type LoopHost, startLoop, type TimerLoop } from './timer-loop.ts';
import type { TransportCache } from './transport-cache.ts';
import type { WorkerLife } from './worker-life.ts';

/** What the timers of one worker turn. */
export interface WorkerParts {
  readonly services: Services;
  readonly life: WorkerLife;
  readonly driver: LaneDriver;
  readonly gate: PoolGate;
  readonly slots: SendSlots;
  readonly sending: SendingShow;
  readonly transports: TransportCache;
  readonly restart: ServiceRestart;
  readonly primaries: PrimaryProbes;
  readonly watch: ClockWatch;
  /** Which of the counters' slots this worker adds to. */
  readonly slot: number;
}

export interface WorkLoops {
  readonly all: readonly TimerLoop[];
  /** Looks at once for lanes that nobody drives. */
  sweepNow(): void;
}

const strandedEveryMs = 30_000;

/** Keep alive what is under way: they run until the worker's last mail is settled. */
export function startLivingLoops(
  { services, life, driver, gate, slots, sending }: WorkerParts,
  host: LoopHost,
): TimerLoop[] {
  const { database, clock } = services;
  return [
    startLoop('beat', beatEveryMs, host, () => life.beat()),
    startLoop('leases', beatEveryMs, host, async () => {
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
    startLoop('sending', 100, host, () => sending.showSlow()),
    startLoop('turns', 100, host, async () => {
      slots.age();
      driver.tick();
    }),
    startLoop('pools', 1000, host, () => gate.look()),
  ];
}

/** Find work, for this worker and for all: they end as soon as the worker is asked to stop. */
export function startWorkLoops(parts: WorkerParts, host: LoopHost): WorkLoops {
  const { services, life, driver, transports, restart, primaries, slot } = parts;
  const { database, clock, log } = services;
  const sweeps = new CostPace(clock, 1000);
  let isWanted = false;
  const sweep = startLoop('sweep', 1000, host, async () => {
    if (!sweeps.isDue && !isWanted) return;
    isWanted = false;
    for (const laneId of await sweeps.run(() => findIdleLanes(database, 100))) driver.drive(laneId);
    driver.retryFailed();
  });
  const sweepNow = (): void => {
    // What the last sweep cost was waiting for the database.
    isWanted = true;
    sweep.hurry();
  };
  const others = [
    startLoop('wakes', 200, host, async () => {
      const laneIds = driver.leases.map(({ laneId }) => laneId);
      for (const row of await readWakeSeqs(database, laneIds)) driver.noticeWake(row.laneId, row.wakeSeq);
    }),
    startLoop('expiry', 1000, host, async () => {
      while ((await expireDue(database, slot)) > 0);
    }),
    startLoop('reaper', 1000, host, reaper(parts)),
    startLoop('installation', 10_000, host, async () => {
      const { stopped } = await checkInstallation(database);
      if (stopped !== null) log.warn({ reason: stopped }, 'nothing is sent until a person resumes the fleet');
    }),
    startLoop('restart', 1000, host, () => restart.look(life.mayJudge)),
    startLoop('primaries', 5000, host, () => primaries.look()),
    startLoop('quotas', 1000, host, async () => void (await releaseQuota(services))),
    startLoop('bulk runs', 500, host, async () => {
      await advanceBulkRuns(services);
    }),
    startLoop('auto resume', 1000, host, async () => {
      await autoResumeDue(services);
    }),
    startLoop('held counts', 5000, host, async () => {
      await foldHeldCounts(services);
    }),
    startLoop('transports', 60_000, host, async () => transports.closeUnused()),
  ];
  return { all: [sweep, ...others], sweepNow };
}

function reaper({ services, life, slot, watch }: WorkerParts): () => Promise<void> {
  const { database, clock, log } = services;
  let lastStrandedMs = -Infinity;
  return async () => {
    const stepMs = await watch.look();
    if (stepMs !== 0) {
      log.warn({ stepMs }, "the database's clock was set");
      life.distrustOthers();
    }
    if (!life.mayJudge) return;
    const lost = await takeFromLostWorkers(database, { judgeId: life.id, nowMs: watch.expectedMs });
    if (lost.length === 0 && clock.monotonicMs() - lastStrandedMs < strandedEveryMs) return;
    lastStrandedMs = clock.monotonicMs();
    const recovered = await recoverStarted(services, slot);
    if (lost.length > 0 || recovered > 0) log.warn({ lost, recovered }, 'lost workers were cleared away');
  };
}
