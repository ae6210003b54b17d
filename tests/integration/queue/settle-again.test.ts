import { beforeAll, expect, test } from 'vitest';
import { asDrain, asOwner } from '#db/client.ts';
import { newId } from '#lib/ids.ts';
import { writeSettlements } from '#lib/queue/settle-attempts.ts';
import type { Settlement } from '#lib/queue/settlement.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import { attemptsOf, countStates, makeScene, queueMails, type Scene } from './queue-scene.ts';

let db: TestDatabase;

beforeAll(async () => {
  db = await createTestDatabase();
});

async function startedMail(scene: Scene): Promise<{ messageId: string; attemptId: string }> {
  const [messageId = ''] = await queueMails(db.database, scene, 1);
  const attemptId = newId();
  await asOwner(db.database, (tx) =>
    tx.query(
      'update mailroom.queue_entries set attempt_id = $2, attempt_started_at = mailroom.now() where message_id = $1',
      [messageId, attemptId],
    ),
  );
  return { messageId, attemptId };
}

function accepted(scene: Scene, mail: { messageId: string; attemptId: string }): Settlement {
  return {
    ...mail,
    organizationId: scene.organization.id,
    projectId: scene.project.id,
    isMarked: true,
    workerId: newId(),
    settingsVersion: 1,
    endpoint: 'primary',
    startedAt: new Date(),
    endedAt: new Date(),
    number: 1,
    isRepeat: false,
    outcome: { kind: 'accepted', serverId: null, reply: null, perRecipient: [] },
    decision: {
      message: { kind: 'finished', state: 'sent' },
      reason: null,
      costsTry: true,
      waitedMs: 0,
      uncertainCount: 0,
      recipients: [{ position: 0, state: 'accepted', code: null, reply: 'odd "words", {braces} \\ and \0' }],
      lane: { kind: 'reached' },
    },
    crashCount: 0,
    transcript: null,
  };
}

const settle = (settlement: Settlement) =>
  asDrain(db.database, (tx) => writeSettlements(tx, [settlement], 0));

test('an outcome whose commit was not answered is written once, however often it comes', async () => {
  const scene = await makeScene(db.database, { port: 9 });
  const settlement = accepted(scene, await startedMail(scene));
  expect(await settle(settlement)).toEqual(['settled']);
  expect(await settle(settlement)).toEqual(['late']);
  expect(await attemptsOf(db.database, scene)).toMatchObject([{ outcome: 'accepted', repeat: false }]);
  expect(await countStates(db.database, scene)).toEqual({ sent: 1 });
});

test('an outcome that comes after its attempt was judged lost is appended as a marked repeat', async () => {
  const scene = await makeScene(db.database, { port: 9 });
  const settlement = accepted(scene, await startedMail(scene));
  const lost: Settlement = {
    ...settlement,
    outcome: {
      kind: 'uncertain',
      fault: { stage: 'answer', scope: 'mail', code: 'WORKER_LOST', reply: null },
    },
    decision: {
      ...settlement.decision,
      message: { kind: 'finished', state: 'uncertain' },
      reason: 'HELD_BY_CHOICE',
      recipients: [],
    },
  };
  expect(await settle(lost)).toEqual(['settled']);
  expect(await settle(settlement)).toEqual(['late']);
  const attempts = await attemptsOf(db.database, scene);
  expect(attempts.map(({ outcome, repeat }) => `${outcome} ${repeat}`).toSorted()).toEqual([
    'accepted true',
    'uncertain false',
  ]);
});
