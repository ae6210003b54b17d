import { beforeAll, beforeEach, expect, test } from 'vitest';
import { asDrain, asOwner } from '#db/client.ts';
import { holdByHand } from '#lib/backlog/hold-by-hand.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import type { Context } from '#lib/context.ts';
import { newId } from '#lib/ids.ts';
import { archiveProject } from '#lib/organizations/archive-project.ts';
import { restoreProject } from '#lib/organizations/restore-project.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { tryMessagesNow } from '#lib/messages/try-messages-now.ts';
import { decideOutcome } from '#lib/policy/decide-outcome.ts';
import { claimMails } from '#lib/queue/claim.ts';
import { ClaimCursor } from '#lib/queue/claim-cursor.ts';
import { expireDue } from '#lib/queue/expire-due.ts';
import { writeSettlements } from '#lib/queue/settle-attempts.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { defaultRetrySchedule, type RetrySchedule } from '#lib/settings/schemas.ts';
import type { SendOutcome } from '#lib/transports/contract.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import { makeScene, queueMails, type Scene } from './queue-scene.ts';

// Tries of one mail by hand, under a clock that the test moves: what is asked is what the give-up clock shows (PRODUCT 4.4).

const schedule: RetrySchedule = {
  ...defaultRetrySchedule,
  firstWaitSeconds: 40 * 60,
  factor: 1,
  maxWaitSeconds: 40 * 60,
  jitterPercent: 0,
  giveUpAfterHours: 2,
};

let db: TestDatabase;
let scene: Scene;
let ctx: Context;
let id: string;

beforeAll(async () => {
  // One connection, so that a moved clock holds for everything.
  db = await createTestDatabase({ maxConnections: 1 });
});

beforeEach(async () => {
  await clockAt(0);
  scene = await makeScene(db.database, { port: 9 });
  ctx = contextOf(testServices(db.database), scene.organization);
  [id = ''] = await queueMails(db.database, scene, 1);
});

/** So many minutes after the beginning of the test. */
async function clockAt(count: number): Promise<void> {
  await db.database.pool.query(`select set_config('mailroom.clock_offset', $1, false)`, [`${count} minutes`]);
}

const refused: SendOutcome = {
  kind: 'temporary',
  fault: { stage: 'answer', scope: 'mail', code: 'GREYLISTED', reply: null },
  perRecipient: [],
};
const throttled: SendOutcome = {
  kind: 'throttled',
  fault: { stage: 'answer', scope: 'mailbox', code: 'SLOW_DOWN', reply: null },
  retryAfterMs: null,
};

/** What its clock shows where it is due and claimed now; null where it is not. */
async function claimed() {
  const cursor = new ClaimCursor();
  const { mails } = await claimMails(db.database, {
    laneId: scene.project.laneId,
    maxMails: 10,
    maxBytes: 1_000_000,
    inHand: new Set(),
    cursorOf: () => cursor,
    isSwept: () => false,
    inTurn: (projects) => projects,
  });
  return mails.find(({ messageId }) => messageId === id) ?? null;
}

/** The minutes on its clock; the seconds that the test itself takes are nothing. */
async function shown(): Promise<number | null> {
  const mail = await claimed();
  return mail === null ? null : Math.round(mail.waitedMs / 60_000);
}

/** One try with this outcome. */
async function tryOnce(outcome: SendOutcome = refused): Promise<void> {
  const mail = await claimed();
  if (mail === null) throw new Error('it is not due');
  const attemptId = newId();
  const now = new Date();
  await asOwner(db.database, (tx) =>
    tx.query(
      'update mailroom.queue_entries set attempt_id = $2, attempt_started_at = mailroom.now() where message_id = $1',
      [id, attemptId],
    ),
  );
  const decision = decideOutcome(
    outcome,
    {
      leaving: mail.pending.map(({ address, position }) => ({ address, positions: [position] })),
      captured: [],
      acceptedBefore: 0,
      capturedBefore: 0,
      attemptCount: mail.attemptCount,
      waitedMs: mail.waitedMs,
      uncertainCount: 0,
      crashCount: 0,
      schedule,
      uncertainChoice: 'resend',
      repeatsAtOnce: false,
    },
    0.5,
  );
  await asDrain(db.database, (tx) =>
    writeSettlements(
      tx,
      [
        {
          messageId: id,
          organizationId: scene.organization.id,
          projectId: scene.project.id,
          attemptId,
          isMarked: true,
          workerId: newId(),
          settingsVersion: 1,
          endpoint: 'primary',
          startedAt: now,
          endedAt: now,
          number: mail.attemptCount + 1,
          isRepeat: false,
          outcome,
          decision,
          crashCount: 0,
          transcript: null,
        },
      ],
      0,
    ),
  );
}

async function state(): Promise<string> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ state: string; reason: string | null }>(
      'select state, state_reason as reason from mailroom.messages where id = $1',
      [id],
    ),
  );
  return `${rows[0]?.state} ${rows[0]?.reason}`;
}

async function lane(change: string): Promise<void> {
  await asOwner(db.database, (tx) =>
    tx.query(`update mailroom.lanes set ${change} where id = $1`, [scene.project.laneId]),
  );
}

const project = () => ({ project: scene.project.slug });

test('waits that passed count in full, and the mail is given up when the next would pass its time', async () => {
  await tryOnce();
  for (const round of [1, 2, 3]) {
    await clockAt(round * 41);
    expect(await shown()).toBe(round * 40);
    await tryOnce();
    expect(await state()).toBe(round === 3 ? 'failed RETRY_TIME_SPENT' : 'retrying GREYLISTED');
  }
});

test('a pause inside a wait does not run the clock, and nothing is given up while it stands', async () => {
  await tryOnce();
  await clockAt(10);
  await pauseSending(ctx, project());
  await clockAt(600);
  expect(await state()).toBe('retrying GREYLISTED');
  await resumeSending(ctx, project());
  expect(await shown()).toBe(10);
  await tryOnce();
  expect(await state()).toBe('retrying GREYLISTED');
});

test.each([
  [
    'an open circuit',
    `wait_kind = 'unreachable', wait_since = mailroom.now()`,
    'wait_kind = null, wait_since = null',
  ],
  [
    'a throttle',
    `wait_kind = 'throttled', wait_since = mailroom.now()`,
    'wait_kind = null, wait_since = null',
  ],
  ['a credential stop', 'stopped_at = mailroom.now()', 'stopped_at = null'],
])('%s inside a wait does not run the clock', async (_, begins, ends) => {
  await tryOnce();
  await clockAt(15);
  await lane(begins);
  await clockAt(90);
  await lane(ends);
  expect(await shown()).toBe(15);
});

test('a pause over a stop counts once, whichever ends first', async () => {
  await tryOnce();
  await clockAt(5);
  await lane('stopped_at = mailroom.now()');
  await clockAt(8);
  await pauseSending(ctx, project());
  await clockAt(12);
  await lane('stopped_at = null');
  await clockAt(20);
  await resumeSending(ctx, project());
  await clockAt(41);
  expect(await shown()).toBe(41 - 15);
});

test('the archive does not run the clock', async () => {
  await tryOnce();
  await clockAt(5);
  await archiveProject(ctx, project());
  await clockAt(500);
  await restoreProject(ctx, project());
  await resumeSending(ctx, project());
  expect(await shown()).toBe(5);
});

test('a hold stops the clock where it stands, and the rest of the wait counts after it', async () => {
  await tryOnce();
  await clockAt(10);
  await holdByHand(ctx, { ...project(), ids: [id] });
  await clockAt(25);
  await startBulkRun(ctx, { ...project(), kind: 'resume', selection: { ids: [id] } });
  expect(await claimed()).toBeNull();
  await clockAt(41);
  expect(await shown()).toBe(10 + 15);
  await tryOnce();
  await clockAt(50);
  await holdByHand(ctx, { ...project(), ids: [id] });
  await clockAt(500);
  await startBulkRun(ctx, { ...project(), kind: 'resume', selection: { ids: [id] } });
  expect(await shown()).toBe(25 + 9);
});

test('"try now" spends the time that passed and no more, however often it is asked', async () => {
  await tryOnce();
  for (let round = 1; round <= 5; round += 1) {
    await clockAt(round);
    expect(await tryMessagesNow(ctx, { ...project(), ids: [id] })).toMatchObject({ done: 1, skipped: 0 });
    expect(await shown()).toBe(round);
    await tryOnce();
  }
  expect(await state()).toBe('retrying GREYLISTED');
});

test('a server that asks to wait costs no time, and what waits behind its turn neither', async () => {
  await tryOnce();
  await clockAt(41);
  await tryOnce(throttled);
  await clockAt(400);
  expect(await shown()).toBe(40);
});

test('a clock that steps ahead runs no wait further than planned, one that steps back runs nothing', async () => {
  await tryOnce();
  await clockAt(24 * 60);
  expect(await shown()).toBe(40);
  await clockAt(-24 * 60);
  expect(await claimed()).toBeNull();
  await pauseSending(ctx, project());
  await clockAt(-25 * 60);
  await resumeSending(ctx, project());
  await clockAt(41);
  expect(await shown()).toBe(40);
});

test.each(['in the queue', 'in the backlog'])('expires-at runs through a pause, %s', async (place) => {
  await asOwner(db.database, async (tx) => {
    const end = `mailroom.now() + interval '1 hour'`;
    await tx.query(`update mailroom.messages set expires_at = ${end} where id = $1`, [id]);
    await tx.query(`update mailroom.queue_entries set expires_at = ${end} where message_id = $1`, [id]);
  });
  await tryOnce();
  if (place === 'in the backlog') await holdByHand(ctx, { ...project(), ids: [id] });
  await pauseSending(ctx, project());
  await clockAt(59);
  expect(await expireDue(db.database, 0)).toBe(0);
  await clockAt(61);
  expect(await expireDue(db.database, 0)).toBe(1);
  expect(await state()).toBe('expired EXPIRED');
});

test('the page of a mail plans from what its clock will show', async () => {
  await tryOnce();
  await clockAt(10);
  await pauseSending(ctx, project());
  await clockAt(130);
  await resumeSending(ctx, project());
  const before = await getMessage(ctx, { ...project(), id });
  // Ten minutes have run: the wait of 60 s of the project's own schedule comes many times before an end.
  expect(before.plannedTries.length).toBeGreaterThan(1);
  expect(before.giveUpAt).not.toBeNull();
});
