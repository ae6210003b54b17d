import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createDatabase } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { createOrganization } from '#lib/organizations/create-organization.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import type { Fault } from './fault.ts';
import { auditMailbox, type MailboxAudit } from './support/audit-mailbox.ts';
import type { Desk } from './support/desk.ts';
import { Endings } from './support/endings.ts';
import { Ground, ServerGround, SmallDiskGround, type GroundFacts } from './support/ground.ts';
import type { Innocent, Innocents } from './support/innocent.ts';
import { Outages } from './support/outages.ts';
import { cloneDatabase, type FaultPostgres, makeTemplate, startFaultPostgres } from './support/postgres.ts';
import { seededRandom } from './support/random.ts';
import { startSmallDiskPostgres } from './support/small-disk.ts';
import { type Stall, stallOf } from './support/stall.ts';

/** What a run brings along for each of its faults. */
export interface RunFacts {
  readonly seed: string;
  readonly isShort: boolean;
  readonly wantedRounds: number | null;
  readonly home: string;
  readonly endings: Endings;
  readonly postgres: FaultPostgres;
  readonly innocents: Innocents;
  /** A Mailroom that nothing is done to, on the same machine: what its mails wait is the machine's doing. */
  readonly control: Innocent;
}

/** A database with people's ground in it, and somebody innocent who uses it. */
export interface Room {
  readonly databaseUrl: string;
  readonly ctx: Context;
  readonly innocent: Innocent;
  readonly outages: Outages;
}

export interface FaultResult {
  readonly name: string;
  readonly title: string;
  readonly audit: Omit<MailboxAudit, 'findings' | 'others'>;
  /** Null where nothing could be measured. */
  readonly stall: Stall | null;
  readonly tookMs: number;
  readonly notes: readonly string[];
  /** Why the fault did harm; null: it did none. */
  readonly harm: string | null;
}

const usualLimitMs = 300_000;
/** What some faults hand in keeps this process busy for seconds: no reason to break another one off. */
const connectTimeoutMs = 60_000;
/** Faults that share a room share these too. */
const maxConnections = 24;

/** Opens a room in a database, where no worker lives yet. */
export async function openRoom(databaseUrl: string, endings: Endings, innocents: Innocents): Promise<Room> {
  const database = createDatabase({ connectionString: databaseUrl, maxConnections, connectTimeoutMs });
  endings.add(() => database.close());
  const services = testServices(database);
  const organization = await createOrganization(services, 'faults', { name: 'Faults' });
  const ctx = contextOf(services, organization);
  const outages = new Outages();
  outages.expectWorker();
  const innocent = await innocents.open({ ctx, databaseUrl, organization, endings });
  return { databaseUrl, ctx, innocent, outages };
}

/** Does one fault, in the room that it shares or in one of its own, and holds what was accepted against what arrived. */
export async function runFault(fault: Fault, run: RunFacts, shared: Room | null): Promise<FaultResult> {
  const since = performance.now();
  const sinceMs = Date.now();
  const endings = new Endings();
  run.endings.add(() => endings.run());
  let ground: Ground | null = null;
  let room = shared;
  let harm: string | null = null;
  try {
    const home = await mkdtemp(join(run.home, `${fault.name}-`));
    await chmod(home, 0o711);
    endings.add(() => rm(home, { recursive: true, force: true }));
    const standOn = async (server: Pick<FaultPostgres, 'address'>): Promise<GroundFacts> => {
      room ??= await openRoom(await cloneDatabase(server), endings, run.innocents);
      return { ...run, ...room, random: seededRandom(run.seed, fault.name), home, endings };
    };
    switch (fault.needs) {
      case 'server': {
        const server = await startFaultPostgres(home, endings, fault.postgres);
        const own = new ServerGround(await standOn(server), server);
        ground = own;
        server.onAway(() => own.outages.begin());
        await withinTime(fault, fault.run(own));
        break;
      }
      case 'small disk': {
        const server = await startSmallDiskPostgres(home, endings);
        await makeTemplate(server);
        const own = new SmallDiskGround(await standOn(server), server);
        ground = own;
        await withinTime(fault, fault.run(own));
        break;
      }
      case 'desk':
      case 'hasty':
      case 'workers':
        ground = new Ground(await standOn(run.postgres));
        await withinTime(fault, fault.run(ground));
        break;
      default:
        fault satisfies never;
    }
    if (shared === null && room !== null) {
      await room.innocent.stop();
      await room.innocent.desk.settled(60_000);
    }
  } catch (error) {
    harm = wordsOf(error);
  }
  const desks = [...(ground?.desks ?? []), ...(shared === null && room !== null ? [room.innocent.desk] : [])];
  if (shared === null) await room?.innocent.collect().catch(() => undefined);
  const audits = await Promise.all(byMailbox(desks).map(auditDesks)).catch((error: unknown) => {
    harm ??= `no audit: ${wordsOf(error)}`;
    return [];
  });
  const stall =
    fault.movesClock === true || room === null
      ? null
      : await stallIn(room, run.control, {
          sinceMs,
          isSlowForAll: fault.isSlowForAll === true,
          fairShareMs: ground?.fairShareMs ?? 0,
        });
  const faults = await endings.run();
  harm ??=
    audits.flatMap(({ harms }) => harms)[0] ??
    (faults.length > 0 ? `not ended: ${wordsOf(faults[0])}` : null);
  if (harm !== null && ground !== null)
    ground.say(`what its workers wrote is in ${await keepOutput(fault.name, ground)}`);
  return {
    name: fault.name,
    title: fault.title,
    audit: sumOf(audits.map(({ audit }) => audit)),
    stall,
    tookMs: performance.now() - since,
    notes: ground?.notes ?? [],
    harm,
  };
}

/** How long the innocent one of a room waited since then; null where nobody can tell. */
export async function stallIn(
  { innocent, outages }: Room,
  control: Innocent,
  {
    sinceMs,
    isSlowForAll = false,
    fairShareMs = 0,
  }: { readonly sinceMs: number; readonly isSlowForAll?: boolean; readonly fairShareMs?: number },
): Promise<Stall | null> {
  try {
    const beside = await control.waits(sinceMs);
    return stallOf(await innocent.waits(sinceMs), { outages, beside, isSlowForAll, fairShareMs });
  } catch {
    return null;
  }
}

async function keepOutput(name: string, ground: Ground): Promise<string> {
  const folder = resolve(import.meta.dirname, '../../.tmp/faults');
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${name}.log`);
  await writeFile(
    file,
    ground.workers.map((worker) => `worker ${worker.pid}\n${worker.output()}`).join('\n\n'),
  );
  return file;
}

async function withinTime(fault: Fault, work: Promise<void>): Promise<void> {
  const limitMs = fault.withinMs ?? usualLimitMs;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`stuck: not over after ${limitMs / 1000} s`)), limitMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

interface AuditedDesk {
  readonly audit: MailboxAudit;
  readonly harms: readonly string[];
}

/** Projects that share a mailbox are looked at together. */
function byMailbox(desks: readonly Desk[]): readonly (readonly Desk[])[] {
  return [...Map.groupBy(desks, ({ mailbox }) => mailbox).values()];
}

async function auditDesks(desks: readonly Desk[]): Promise<AuditedDesk> {
  // In this order: what a fault that broke off still accepts meanwhile is not to be missed.
  const accepted = desks.flatMap((desk) => desk.accepted);
  const kept = (await Promise.all(desks.map((desk) => desk.kept()))).flat();
  const mayWait = desks.reduce((sum, desk) => sum + desk.mayWait, 0);
  const audit = auditMailbox(accepted, kept, desks[0]?.mailbox.arrivals ?? []);
  const harms: string[] = [];
  if (audit.lost > 0) harms.push(`${audit.lost} lost. ${audit.findings.join('; ')}`);
  if (audit.repeatedUnmarked > 0)
    harms.push(`${audit.repeatedUnmarked} copies unexplained. ${audit.findings.join('; ')}`);
  if (audit.waiting !== mayWait) harms.push(`${audit.waiting} mails wait instead of ${mayWait}`);
  return { audit, harms };
}

function sumOf(audits: readonly MailboxAudit[]): FaultResult['audit'] {
  const sum = (pick: (audit: MailboxAudit) => number): number =>
    audits.reduce((total, audit) => total + pick(audit), 0);
  return {
    accepted: sum(({ accepted }) => accepted),
    delivered: sum(({ delivered }) => delivered),
    repeatedMarked: sum(({ repeatedMarked }) => repeatedMarked),
    repeatedUnmarked: sum(({ repeatedUnmarked }) => repeatedUnmarked),
    lost: sum(({ lost }) => lost),
    waiting: sum(({ waiting }) => waiting),
  };
}

/** An error in one line, with what caused it. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first = error.name] = error.message.split('\n');
  return error.cause === undefined ? first : `${first} (${wordsOf(error.cause)})`;
}
