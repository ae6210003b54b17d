import { asWorker, type Database, type Transaction } from '#db/client.ts';
import { newId } from '#lib/ids.ts';
import { slowPool } from '#lib/pools/slow-pool.ts';
import { failuresBeforeAlternate, laneWaitMs } from '#lib/policy/lane-wait.ts';
import type { LaneEffect } from '#lib/policy/decide-outcome.ts';
import type { Fault } from '#lib/transports/contract.ts';
import type { Lease } from './lease.ts';

/** What the lane's server did to us, written by the holder of its lease. */
interface LaneReport {
  readonly lease: Lease;
  readonly organizationId: string;
  readonly projectId: string;
  /** The effect counts only while these settings are the current ones: saving others has cleared the lane. */
  readonly settingsVersion: number;
  readonly hasAlternate: boolean;
  readonly random: number;
}

type Stop = Extract<LaneEffect, { kind: 'stop' }>;
type Wait = Extract<LaneEffect, { kind: 'wait' }>;

/** Writes what an outcome means for the lane. */
export function applyEffect(database: Database, report: LaneReport, effect: Stop | Wait): Promise<void> {
  return effect.kind === 'stop' ? stopLane(database, report, effect) : holdLane(database, report, effect);
}

/** Stops a lane whose settings cannot be opened: nothing of that project can be sent. */
export function stopUnopened(
  database: Database,
  lease: Lease,
  facts: Pick<LaneReport, 'organizationId' | 'projectId' | 'settingsVersion'>,
): Promise<void> {
  const { organizationId, projectId, settingsVersion } = facts;
  const report = { lease, organizationId, projectId, settingsVersion, hasAlternate: false, random: 0 };
  const code = 'SETTINGS_NOT_OPENED';
  return stopLane(database, report, {
    kind: 'stop',
    fault: { stage: 'authenticate', scope: 'sender', code, reply: null },
  });
}

/** Stops the lane until a person acts: sign-in or configuration is at fault (no mail is charged for it). */
async function stopLane(database: Database, report: LaneReport, { fault }: Stop): Promise<void> {
  await asWorker(database, async (tx) => {
    const { rowCount } = await tx.query(
      `update mailroom.lanes l set stopped_at = mailroom.now(), stop_code = $5, stop_stage = $6, stop_reply = $7
       where l.id = $1 and l.generation = $2 and l.stopped_at is null and ${isCurrent}`,
      [...fence(report), fault.code, fault.stage, fault.reply?.text ?? null],
    );
    if (rowCount === 1) await tellSystem(tx, report, 'lane.stopped', faultDetail(fault));
  });
}

/**
 * Lets the lane wait, longer with every failure in a row. A primary that cannot be reached gives way to the
 * alternate at once where there is one, and mail stays there (PRODUCT 6.1).
 */
async function holdLane(database: Database, report: LaneReport, effect: Wait): Promise<void> {
  const { fault, waitKind, askedMs } = effect;
  await asWorker(database, async (tx) => {
    const { rows } = await tx.query<{ failure_count: number; active_endpoint: string }>(
      `select failure_count, active_endpoint from mailroom.lanes l
       where l.id = $1 and l.generation = $2 and ${isCurrent} for update`,
      fence(report),
    );
    const [lane] = rows;
    if (lane === undefined) return;
    const failures = lane.failure_count + 1;
    // The alternate takes the same token, so a token that cannot be fetched is no reason to go there.
    const isServers = waitKind === 'unreachable' && fault.stage !== 'token';
    const canSwitch = report.hasAlternate && lane.active_endpoint === 'primary' && isServers;
    if (canSwitch && failures >= failuresBeforeAlternate(fault.stage)) {
      return switchToAlternate(tx, report, fault);
    }
    const waitMs = laneWaitMs(waitKind, failures, { askedMs, random: report.random });
    if (waitKind === 'throttled') {
      await slowPool(tx, { projectId: report.projectId, fault, askedMs, random: report.random });
    }
    await tx.query(
      `update mailroom.lanes set failure_count = $2, wait_kind = $3, wait_since = coalesce(wait_since, mailroom.now()),
         wait_until = mailroom.now() + $4 * interval '1 millisecond', wait_code = $5, wait_reply = $6 where id = $1`,
      [report.lease.laneId, failures, waitKind, waitMs, fault.code, fault.reply?.text ?? null],
    );
  });
}

/** The server answered again: whatever the lane waited for is over. */
export async function clearWait(database: Database, lease: Lease): Promise<void> {
  await asWorker(database, (tx) =>
    tx.query(
      `update mailroom.lanes set failure_count = 0, wait_kind = null, wait_since = null, wait_until = null,
         wait_code = null, wait_reply = null where id = $1 and generation = $2`,
      [lease.laneId, lease.generation],
    ),
  );
}

async function switchToAlternate(tx: Transaction, report: LaneReport, fault: Fault): Promise<void> {
  await tx.query(
    `update mailroom.lanes set active_endpoint = 'alternate', alternate_since = mailroom.now(), alternate_reason = $2,
       failure_count = 0, wait_kind = null, wait_since = null, wait_until = null, wait_code = null, wait_reply = null
     where id = $1`,
    [report.lease.laneId, fault.code],
  );
  await tellSystem(tx, report, 'lane.switched_to_alternate', faultDetail(fault));
}

const isCurrent = `exists (
  select from mailroom.projects p where p.id = $3 and p.settings_version = $4::integer and p.lane_id = l.id)`;

function fence(report: LaneReport): unknown[] {
  return [report.lease.laneId, report.lease.generation, report.projectId, report.settingsVersion];
}

function faultDetail(fault: Fault): Readonly<Record<string, unknown>> {
  return { stage: fault.stage, code: fault.code, reply: fault.reply?.text ?? null };
}

async function tellSystem(
  tx: Transaction,
  report: LaneReport,
  action: string,
  detail: Readonly<Record<string, unknown>>,
): Promise<void> {
  await tx.query(
    `insert into mailroom.audit_entries
       (id, organization_id, project_id, actor_kind, actor_label, action, object_kind, object_id, object_label, detail)
     select $1, p.organization_id, p.id, 'system', 'Mailroom', $3, 'project', p.id::text, p.name, $4
     from mailroom.projects p where p.id = $2`,
    [newId(), report.projectId, action, detail],
  );
}
