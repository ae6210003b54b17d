import { asWorker, type Database, type Transaction } from '#db/client.ts';
import { type Services, systemContext } from '#lib/context.ts';
import { stopAnnouncement } from '#lib/notices/announcement.ts';
import { slowPool } from '#lib/pools/slow-pool.ts';
import type { LaneEffect } from '#lib/policy/decide-outcome.ts';
import { decideFailover, type Endpoint, isServersOwn } from '#lib/policy/failover.ts';
import { laneWaitMs } from '#lib/policy/lane-wait.ts';
import { slowDown, type SlowState } from '#lib/policy/slow-down.ts';
import type { Fault } from '#lib/transports/contract.ts';
import { noWait } from './lane-columns.ts';
import type { Lease } from './lease.ts';
import { returnToPrimary } from './return-to-primary.ts';
import { faultDetail, tellLane } from './tell-lane.ts';

/** What the lane's server did to us, written by the holder of its lease. */
export interface LaneReport {
  readonly lease: Lease;
  readonly organizationId: string;
  readonly projectId: string;
  /** The effect counts only while these settings are the current ones: saving others has cleared the lane. */
  readonly settingsVersion: number;
  /** Which of its servers; what the other one does meanwhile is not charged to it. */
  readonly endpoint: Endpoint;
  /** Each as host:port; `alternate` null: there is none. */
  readonly servers: { readonly primary: string; readonly alternate: string | null };
  readonly random: number;
}

type Stop = Extract<LaneEffect, { kind: 'stop' }>;
type Wait = Extract<LaneEffect, { kind: 'wait' }>;

/** Writes what an outcome means for the lane. */
export function applyEffect(services: Services, report: LaneReport, effect: Stop | Wait): Promise<void> {
  return effect.kind === 'stop' ? stopLane(services, report, effect) : holdLane(services, report, effect);
}

/** Stops a lane whose settings cannot be opened: nothing of that project can be sent. */
export function stopUnopened(
  services: Services,
  lease: Lease,
  facts: Pick<LaneReport, 'organizationId' | 'projectId' | 'settingsVersion'>,
): Promise<void> {
  const fault = { stage: 'authenticate', scope: 'sender', code: 'SETTINGS_NOT_OPENED', reply: null } as const;
  return stopLane(services, { ...facts, lease }, { kind: 'stop', fault });
}

/** Stops the lane until a person acts: sign-in or configuration is at fault (no mail is charged for it). */
async function stopLane(
  services: Services,
  report: Pick<LaneReport, 'lease' | 'organizationId' | 'projectId' | 'settingsVersion'> &
    Partial<Pick<LaneReport, 'endpoint'>>,
  { fault }: Stop,
): Promise<void> {
  await asWorker(services.database, async (tx) => {
    const { rowCount } = await tx.query(
      `update mailroom.lanes l set stopped_at = mailroom.now(), stop_code = $5, stop_stage = $6, stop_reply = $7
       where l.id = $1 and l.generation = $2 and l.stopped_at is null and l.active_endpoint = coalesce($8, l.active_endpoint)
         and ${isCurrent}`,
      [...fence(report), fault.code, fault.stage, fault.reply?.text ?? null, report.endpoint ?? null],
    );
    if (rowCount !== 1) return;
    const event = { action: 'lane.stopped', detail: faultDetail(fault) } as const;
    const told = stopAnnouncement(fault);
    await tellLane(tx, systemContext(services, report), report.projectId, { ...event, told });
  });
}

interface HeldLane {
  readonly failure_count: number;
  readonly reach_failures: number;
  readonly wait_kind: string | null;
  readonly is_both_down: boolean;
  readonly rate_factor: number;
  readonly slow_count: number;
  readonly slowed_ms: number | null;
  readonly slowed_until_ms: number | null;
  readonly now_ms: number;
}

/** Lets the lane wait, longer with every failure in a row, and moves it to its other server where that is due. */
async function holdLane(services: Services, report: LaneReport, effect: Wait): Promise<void> {
  await asWorker(services.database, async (tx) => {
    const { rows } = await tx.query<HeldLane>(
      `select failure_count, reach_failures, wait_kind, both_down_since is not null as is_both_down, rate_factor,
         slow_count, ${inMs('slowed_at')} as slowed_ms, ${inMs('slowed_until')} as slowed_until_ms,
         ${inMs('mailroom.now()')} as now_ms
       from mailroom.lanes l
       where l.id = $1 and l.generation = $2 and l.active_endpoint = $5 and ${isCurrent} for update`,
      [...fence(report), report.endpoint],
    );
    const [lane] = rows;
    if (lane === undefined) return;
    if (effect.waitKind === 'throttled') await slowLane(tx, report, effect, lane);
    else await holdUnreachable(tx, services, report, { effect, lane });
  });
}

/** The server asked to slow down: its pool, or the lane itself, stops for that long and climbs back after (5.11). */
async function slowLane(
  tx: Transaction,
  report: LaneReport,
  { fault, askedMs }: Wait,
  lane: HeldLane,
): Promise<void> {
  const asked = { askedMs, random: report.random };
  const isPooled = await slowPool(tx, { projectId: report.projectId, fault, ...asked });
  const slowed = slowDown(slowState(lane), lane.now_ms, asked);
  const waitMs = (slowed.stoppedUntilMs ?? lane.now_ms) - lane.now_ms;
  await writeWait(tx, report, {
    fault,
    waitKind: 'throttled',
    failures: failuresOf(lane, 'throttled'),
    waitMs,
  });
  await tx.query(
    `update mailroom.lanes set reach_failures = 0, slow_count = $2, slowed_at = to_timestamp($3::float8 / 1000),
       slowed_until = to_timestamp($4::float8 / 1000), rate_factor = $5 where id = $1`,
    [
      report.lease.laneId,
      slowed.slowCount,
      slowed.slowedMs,
      slowed.stoppedUntilMs,
      isPooled ? lane.rate_factor : slowed.rateFactor,
    ],
  );
}

async function holdUnreachable(
  tx: Transaction,
  services: Services,
  report: LaneReport,
  { effect: { fault, askedMs }, lane }: { effect: Wait; lane: HeldLane },
): Promise<void> {
  const { lease, projectId, servers, endpoint, random } = report;
  const hasAlternate = servers.alternate !== null;
  const reachFailures = lane.reach_failures + (isServersOwn(fault) ? 1 : 0);
  const facts = { endpoint, hasAlternate, reachFailures, isBothDown: lane.is_both_down };
  const decision = decideFailover(fault, facts);
  const ctx = systemContext(services, report);
  const known = { primary: servers.primary, alternate: servers.alternate ?? '', reason: fault.code };
  if (decision.kind === 'to_alternate') {
    await tx.query(
      `update mailroom.lanes set active_endpoint = 'alternate', alternate_since = mailroom.now(), alternate_reason = $2,
         primary_probe_at = null, primary_up_since = null, ${noWait} where id = $1`,
      [lease.laneId, fault.code],
    );
    return tellLane(tx, ctx, projectId, {
      action: 'lane.switched_to_alternate',
      detail: { ...faultDetail(fault), from: known.primary, to: known.alternate },
      told: { kind: 'went_to_alternate', facts: known },
    });
  }
  const failures = failuresOf(lane, 'unreachable');
  const waitMs = laneWaitMs('unreachable', failures, { askedMs, random });
  await writeWait(tx, report, { fault, waitKind: 'unreachable', failures, waitMs });
  await tx.query('update mailroom.lanes set reach_failures = $2 where id = $1', [
    lease.laneId,
    reachFailures,
  ]);
  if (decision.kind === 'stay') return;
  await tx.query(
    `update mailroom.lanes set active_endpoint = $2, both_down_since = coalesce(both_down_since, mailroom.now())
     where id = $1`,
    [lease.laneId, decision.next],
  );
  if (decision.isNew) {
    await tellLane(tx, ctx, projectId, {
      action: 'lane.both_down',
      detail: faultDetail(fault),
      told: { kind: 'servers_unreachable', facts: known },
    });
  }
}

async function writeWait(
  tx: Transaction,
  report: LaneReport,
  wait: {
    readonly fault: Fault;
    readonly waitKind: Wait['waitKind'];
    readonly failures: number;
    readonly waitMs: number;
  },
): Promise<void> {
  const { fault, waitKind, failures, waitMs } = wait;
  await tx.query(
    `update mailroom.lanes set failure_count = $2, wait_kind = $3, wait_since = coalesce(wait_since, mailroom.now()),
       wait_until = mailroom.now() + $4 * interval '1 millisecond', wait_code = $5, wait_reply = $6, wait_endpoint = $7
     where id = $1`,
    [
      report.lease.laneId,
      failures,
      waitKind,
      waitMs,
      fault.code,
      fault.reply?.text ?? null,
      waitKind === 'unreachable' && isServersOwn(fault) ? serverOf(report) : null,
    ],
  );
}

function failuresOf(lane: HeldLane, waitKind: Wait['waitKind']): number {
  return lane.wait_kind === null || lane.wait_kind === waitKind ? lane.failure_count + 1 : 1;
}

/** The server answered again: whatever the lane waited for is over, and so it is for others that wait for this server. */
export async function clearWait(services: Services, report: LaneReport): Promise<void> {
  const { lease, projectId, endpoint, organizationId } = report;
  const server = serverOf(report);
  await asWorker(services.database, async (tx) => {
    const { rows } = await tx.query<{ is_both_down: boolean }>(
      `select both_down_since is not null as is_both_down from mailroom.lanes
       where id = $1 and generation = $2 and active_endpoint = $3 for update`,
      [lease.laneId, lease.generation, endpoint],
    );
    const [lane] = rows;
    if (lane === undefined) return;
    await tx.query(`update mailroom.lanes set ${noWait}, both_down_since = null where id = $1`, [
      lease.laneId,
    ]);
    const ctx = systemContext(services, report);
    if (lane.is_both_down && endpoint === 'primary') {
      await returnToPrimary(tx, ctx, { id: projectId, laneId: lease.laneId }, 'alternate_unreachable');
    } else if (lane.is_both_down) {
      await tellLane(tx, ctx, projectId, { action: 'lane.alternate_answers', detail: { server } });
    }
  });
  await shortenWaits(services.database, { organizationId, server });
}

/** A server that is back is asked at once by all of the organization that wait for it; each still by one mail. */
async function shortenWaits(
  database: Database,
  { organizationId, server }: { readonly organizationId: string; readonly server: string },
): Promise<void> {
  await asWorker(database, (tx) =>
    tx.query(
      `update mailroom.lanes l set wait_until = mailroom.now() + random() * interval '1 second'
       from (
         select id from mailroom.lanes
         where organization_id = $1 and wait_endpoint = $2 and wait_until > mailroom.now() + interval '1 second'
         order by id for update skip locked
       ) waiting where l.id = waiting.id`,
      [organizationId, server],
    ),
  );
}

function serverOf({ endpoint, servers }: LaneReport): string {
  return endpoint === 'alternate' ? (servers.alternate ?? servers.primary) : servers.primary;
}

function slowState(lane: HeldLane): SlowState {
  return {
    rateFactor: lane.rate_factor,
    slowedMs: lane.slowed_ms,
    slowCount: lane.slow_count,
    stoppedUntilMs: lane.slowed_until_ms,
  };
}

function inMs(expression: string): string {
  return `extract(epoch from ${expression})::float8 * 1000`;
}

const isCurrent = `exists (
  select from mailroom.projects p where p.id = $3 and p.settings_version = $4::integer and p.lane_id = l.id)`;

function fence(
  report: Pick<LaneReport, 'lease' | 'organizationId' | 'projectId' | 'settingsVersion'>,
): unknown[] {
  return [report.lease.laneId, report.lease.generation, report.projectId, report.settingsVersion];
}
