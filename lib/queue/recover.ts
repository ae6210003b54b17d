import { asWorker, type Transaction } from '#db/client.ts';
import type { Services } from '#lib/context.ts';
import { decideOutcome } from '#lib/policy/decide-outcome.ts';
import { lookAbility } from '#lib/delivery/look-ability.ts';
import { defaultRetrySchedule, mailSettingsDocument } from '#lib/settings/schemas.ts';
import type { SendOutcome } from '#lib/transports/contract.ts';
import { writeSettlements } from './settle-attempts.ts';
import type { Settlement } from './settlement.ts';

const batchSize = 200;

interface StrandedRow {
  readonly message_id: string;
  readonly organization_id: string;
  readonly project_id: string;
  readonly attempt_id: string;
  readonly attempt_started_at: Date;
  readonly worker_id: string;
  readonly settings_version: number;
  readonly crash_count: number;
  readonly attempt_count: number;
  readonly waited_ms: number;
  readonly uncertain_count: number;
  readonly accepted_count: number;
  readonly document: unknown;
}

/**
 * Treats the started mails of workers that are gone by PRODUCT 4.8: each gets an uncertain attempt, then the crash
 * rule. Mails that were only claimed need nothing: without a mark they are simply due. A look takes up to a minute, and
 * nobody waits here for one: what is to be looked for goes back into the queue, and the look desk of its lane does that.
 */
export async function recoverStarted(services: Services, slot: number): Promise<number> {
  let recovered = 0;
  for (;;) {
    const count = await recoverBatch(services, slot);
    recovered += count;
    if (count < batchSize) return recovered;
  }
}

function recoverBatch(services: Services, slot: number): Promise<number> {
  return asWorker(services.database, async (tx) => {
    const rows = await lockStranded(tx);
    const endedAt = services.clock.now();
    await writeSettlements(
      tx,
      rows.map((row) => lostSettlement(row, endedAt)),
      slot,
    );
    return rows.length;
  });
}

async function lockStranded(tx: Transaction): Promise<readonly StrandedRow[]> {
  const { rows } = await tx.query<StrandedRow>(
    `with stranded as materialized (
       select q.* from mailroom.queue_entries q
       where q.attempt_id is not null and not exists (
         select from mailroom.workers w where w.id = q.worker_id and w.lost_at is null and w.stopped_at is null)
       order by q.message_id limit $1
       for update of q skip locked
     )
     select q.message_id, q.organization_id, q.project_id, q.attempt_id, q.attempt_started_at, q.worker_id,
       q.settings_version, q.crash_count, m.attempt_count,
       mailroom.tried_ms(m.waited_ms, m.waited_from, m.halted_from_ms, q.due_at, q.project_id) as waited_ms,
       m.uncertain_count, m.accepted_count, v.document
     from stranded q
     -- By their keys, whatever the statistics say: a join would read all messages.
     cross join lateral (select * from mailroom.messages m where m.id = q.message_id limit 1) m
     left join mailroom.mail_settings_versions v on v.project_id = q.project_id and v.version = q.settings_version`,
    [batchSize],
  );
  return rows;
}

const workerLost: SendOutcome = {
  kind: 'uncertain',
  fault: { stage: 'answer', scope: 'mail', code: 'WORKER_LOST', reply: null },
};

function lostSettlement(row: StrandedRow, endedAt: Date): Settlement {
  const document = mailSettingsDocument.safeParse(row.document);
  const sending = document.success ? document.data.sending : null;
  const crashCount = row.crash_count + 1;
  const decision = decideOutcome(
    workerLost,
    {
      leaving: [],
      captured: [],
      acceptedBefore: row.accepted_count,
      capturedBefore: 0,
      attemptCount: row.attempt_count,
      waitedMs: row.waited_ms,
      uncertainCount: row.uncertain_count,
      crashCount,
      schedule: sending?.retry ?? defaultRetrySchedule,
      // Without readable settings nobody has said that a copy may arrive twice.
      uncertainChoice: sending?.uncertain ?? 'hold',
      repeatsAtOnce: true,
      looksLater: document.success && row.accepted_count === 0 && lookAbility(document.data) === 'looks',
    },
    0,
  );
  return {
    messageId: row.message_id,
    organizationId: row.organization_id,
    projectId: row.project_id,
    attemptId: row.attempt_id,
    isMarked: true,
    workerId: row.worker_id,
    settingsVersion: row.settings_version,
    endpoint: null,
    startedAt: row.attempt_started_at,
    endedAt,
    number: row.attempt_count + 1,
    isRepeat: row.uncertain_count > 0,
    outcome: workerLost,
    decision,
    crashCount,
    transcript: null,
  };
}
