import { afterEach, beforeAll, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Actor } from '#lib/context.ts';
import { checkInstallation } from '#lib/queue/installation.ts';
import { createLaneWaker } from '#lib/queue/lane-waker.ts';
import { markRestored } from '#lib/queue/mark-restored.ts';
import { reconnectToPrimary } from '#lib/queue/reconnect-to-primary.ts';
import { resumeFleet } from '#lib/queue/resume-fleet.ts';
import { runWorker, type RunningWorker } from '#lib/queue/run-worker.ts';
import { tryLaneAgain } from '#lib/queue/try-lane-again.ts';
import { startFastSink, type FastSink } from '#tests/servers/smtp/fast-sink.ts';
import { createTestDatabase, type TestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { countStates, makeScene, queueMails, waitForStates, type Scene } from './queue-scene.ts';

let db: TestDatabase;
let sink: FastSink;
let worker: RunningWorker | null = null;

beforeAll(async () => {
  db = await createTestDatabase();
  sink = await startFastSink();
  return () => sink.close();
});

afterEach(async () => {
  await worker?.stop();
  worker = null;
});

async function work(): Promise<void> {
  worker = await runWorker(testServices(db.database));
}

async function actions({ organization }: Scene): Promise<readonly string[]> {
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ action: string }>(
      'select action from mailroom.audit_entries where organization_id = $1 order by id',
      [organization.id],
    ),
  );
  return rows.map(({ action }) => action);
}

async function viewer({ organization }: Scene): Promise<Actor> {
  return userActor(await makeMember(db.database, organization, 'viewer'), 'viewer');
}

test('a stopped lane tries again when a person says so, and the history knows', async () => {
  const scene = await makeScene(db.database, { port: sink.port });
  const services = testServices(db.database);
  await asOwner(db.database, (tx) =>
    tx.query(`update mailroom.lanes set stopped_at = mailroom.now(), stop_code = 'X' where id = $1`, [
      scene.project.laneId,
    ]),
  );
  await queueMails(db.database, scene, 5);
  await work();
  const input = { project: scene.project.slug };
  await expect(
    tryLaneAgain(contextOf(services, scene.organization, await viewer(scene)), input),
  ).rejects.toMatchObject({
    code: 'forbidden',
  });
  const stranger = contextOf(services, await makeOrganization(db.database));
  await expect(tryLaneAgain(stranger, input)).rejects.toMatchObject({ code: 'not_found' });
  expect(await countStates(db.database, scene)).toEqual({ queued: 5 });
  const { laneId } = await tryLaneAgain(contextOf(services, scene.organization), input);
  expect(laneId).toBe(scene.project.laneId);
  await waitForStates(db.database, scene, { sent: 5 });
  expect(await actions(scene)).toEqual(['lane.tried_again']);
});

test('a lane on the alternate goes back to the primary when a person says so', async () => {
  const scene = await makeScene(db.database, { port: sink.port });
  const services = testServices(db.database);
  await asOwner(db.database, (tx) =>
    tx.query(
      `update mailroom.lanes set active_endpoint = 'alternate', alternate_since = mailroom.now(), alternate_reason = 'X'
       where id = $1`,
      [scene.project.laneId],
    ),
  );
  const input = { project: scene.project.slug };
  await expect(
    reconnectToPrimary(contextOf(services, scene.organization, await viewer(scene)), input),
  ).rejects.toMatchObject({ code: 'forbidden' });
  await reconnectToPrimary(contextOf(services, scene.organization), input);
  await reconnectToPrimary(contextOf(services, scene.organization), input);
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query('select active_endpoint, alternate_since from mailroom.lanes where id = $1', [
      scene.project.laneId,
    ]),
  );
  expect(rows).toEqual([{ active_endpoint: 'primary', alternate_since: null }]);
  expect(await actions(scene)).toEqual(['lane.reconnected_to_primary']);
});

test('a restored database sends nothing until a person resumes the fleet (PRODUCT 4.12)', async () => {
  const scene = await makeScene(db.database, { port: sink.port });
  const ctx = contextOf(testServices(db.database), scene.organization);
  expect(await checkInstallation(db.database)).toEqual({ stopped: null });
  await asOwner(db.database, (tx) => tx.query('update mailroom.installation set timeline = timeline + 1'));
  expect(await checkInstallation(db.database)).toEqual({ stopped: 'database_changed' });
  await queueMails(db.database, scene, 5);
  await work();
  worker?.wake(scene.project.laneId);
  await expect(
    resumeFleet(contextOf(testServices(db.database), scene.organization, await viewer(scene))),
  ).rejects.toMatchObject({ code: 'forbidden' });
  expect(await countStates(db.database, scene)).toEqual({ queued: 5 });
  expect(await resumeFleet(ctx)).toEqual({ wasStopped: true });
  await waitForStates(db.database, scene, { sent: 5 });
  expect(await checkInstallation(db.database)).toEqual({ stopped: null });
  await markRestored(ctx);
  expect(await checkInstallation(db.database)).toEqual({ stopped: 'marked_restored' });
  await resumeFleet(ctx);
  expect(await resumeFleet(ctx)).toEqual({ wasStopped: false });
  expect(await actions(scene)).toEqual(['fleet.resumed', 'fleet.marked_restored', 'fleet.resumed']);
});

test('wakes of one lane are gathered: a burst costs a handful of jobs', async () => {
  const scene = await makeScene(db.database, { port: sink.port });
  const waker = createLaneWaker(db.database);
  for (let count = 0; count < 1000; count += 1) waker.wake(scene.project.laneId);
  await waker.close();
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query<{ wake_seq: number }>('select wake_seq from mailroom.lanes where id = $1', [
      scene.project.laneId,
    ]),
  );
  expect(rows[0]?.wake_seq).toBeGreaterThanOrEqual(1);
  expect(rows[0]?.wake_seq).toBeLessThanOrEqual(2);
  const jobs = await asOwner(db.database, (tx) =>
    tx.query<{ key: string }>('select key from graphile_worker.jobs where key = $1', [
      `drain_lane:${scene.project.laneId}`,
    ]),
  );
  expect(jobs.rows).toHaveLength(1);
});

test('a mail whose content is gone is failed after its last wait; its neighbours are sent', async () => {
  const scene = await makeScene(db.database, { port: sink.port });
  const [broken] = await queueMails(db.database, scene, 3);
  await asOwner(db.database, (tx) =>
    tx.query('delete from mailroom.contents where message_id = $1', [broken]),
  );
  await asOwner(db.database, (tx) =>
    tx.query('update mailroom.queue_entries set crash_count = 6 where message_id = $1', [broken]),
  );
  await work();
  await waitForStates(db.database, scene, { sent: 2, failed: 1 });
  const { rows } = await asOwner(db.database, (tx) =>
    tx.query('select state_reason from mailroom.messages where id = $1', [broken]),
  );
  expect(rows).toEqual([{ state_reason: 'MAIL_NOT_READY' }]);
});
