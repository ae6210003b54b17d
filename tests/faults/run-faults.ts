import type { Fault } from './fault.ts';
import { type FaultResult, openRoom, type Room, runFault, type RunFacts, stallIn } from './run-fault.ts';
import { auditMailbox } from './support/audit-mailbox.ts';
import { startHastyWorker } from './support/hasty-worker.ts';
import { cloneDatabase } from './support/postgres.ts';
import { canHaveSmallDisk } from './support/small-disk.ts';
import { startWorker } from './support/worker.ts';

export interface RunOptions extends RunFacts {
  /** How many faults with workers of their own go on at a time. */
  readonly atOnce: number;
  onResult(result: FaultResult): void;
  /** This machine does not allow the fault. */
  onLeftOut(name: string, why: string): void;
}

/**
 * Does faults. Those that need no more than a project go on beside each other in one room, where the one's harm would be
 * the other's too; in the short form all of them at a time. The others have a room each, so many at a time.
 */
export async function runFaults(faults: readonly Fault[], options: RunOptions): Promise<void> {
  const shared = (['desk', 'hasty'] as const).map((needs) => {
    const chosen = faults.filter((fault) => fault.needs === needs);
    return chosen.length === 0 ? Promise.resolve() : inOneRoom(chosen, needs, options);
  });
  const others = faults.filter(({ needs }) => needs !== 'desk' && needs !== 'hasty');
  await Promise.all([...shared, eachOf(others, options.atOnce, (fault) => one(fault, options, null))]);
}

async function inOneRoom(
  faults: readonly Fault[],
  needs: 'desk' | 'hasty',
  options: RunOptions,
): Promise<void> {
  const room = await openRoom(await cloneDatabase(options.postgres), options.endings, options.innocents);
  const start = needs === 'hasty' ? startHastyWorker : startWorker;
  const worker = await start(room.databaseUrl, options.endings);
  room.outages.workerCame();
  await room.innocent.start();
  const sinceMs = Date.now();
  const since = performance.now();
  await eachOf(faults, options.isShort ? faults.length : options.atOnce, (fault) =>
    one(fault, options, room),
  );
  await room.innocent.stop();
  const { desk } = room.innocent;
  const harm = await desk.settled().then(
    () => null,
    (error: unknown) => String(error),
  );
  await room.innocent.collect();
  const { findings, ...audit } = auditMailbox(desk.accepted, await desk.kept(), desk.mailbox.arrivals);
  const isWhole = audit.lost + audit.repeatedMarked + audit.repeatedUnmarked === 0;
  options.onResult({
    name: `beside-${needs}`,
    title: 'a project beside all of these, on the same worker, has none of it',
    audit,
    stall: await stallIn(room, options.control, { sinceMs }),
    tookMs: performance.now() - since,
    notes: [],
    harm: harm ?? (isWhole ? null : findings.join('; ')),
  });
  await worker.stop();
}

async function one(fault: Fault, options: RunOptions, room: Room | null): Promise<void> {
  if (options.endings.isOver) return;
  if (fault.needs === 'small disk' && !canHaveSmallDisk())
    return options.onLeftOut(fault.name, 'needs root and mount');
  options.onResult(await runFault(fault, options, room));
}

async function eachOf<T>(
  things: readonly T[],
  atOnce: number,
  work: (thing: T) => Promise<void>,
): Promise<void> {
  const left = [...things];
  const takeTurns = async (): Promise<void> => {
    for (let thing = left.shift(); thing !== undefined; thing = left.shift()) await work(thing);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, things.length) }, takeTurns));
}
