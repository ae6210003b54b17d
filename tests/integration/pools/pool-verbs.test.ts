import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner, asWorker } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { getMessage } from '#lib/messages/get-message.ts';
import { newId } from '#lib/ids.ts';
import { archivePool } from '#lib/pools/archive-pool.ts';
import { attachProject } from '#lib/pools/attach-project.ts';
import { createPool } from '#lib/pools/create-pool.ts';
import { detachProject } from '#lib/pools/detach-project.ts';
import { listPools } from '#lib/pools/list-pools.ts';
import { readProjectPace } from '#lib/pools/read-project-pace.ts';
import { slowPool } from '#lib/pools/slow-pool.ts';
import { suggestPools } from '#lib/pools/suggest-pools.ts';
import { updatePool } from '#lib/pools/update-pool.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { makeScene, queueMails, settingsDocument, writeSettings, type Scene } from '../queue/queue-scene.ts';
import { poolOf } from './pool-scene.ts';

const { database } = await createTestDatabase();
let scene: Scene;
let ctx: Context;

beforeEach(async () => {
  scene = await makeScene(database, { port: 25 });
  ctx = contextOf(testServices(database), scene.organization);
});

async function actions(): Promise<readonly string[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string }>(
      "select action from mailroom.audit_entries where organization_id = $1 and action like 'pool.%' order by id",
      [scene.organization.id],
    ),
  );
  return rows.map(({ action }) => action);
}

async function signsInAs(target: Scene, userName: string, host = 'smtp.office365.com'): Promise<void> {
  const document = settingsDocument({ port: 587, host });
  if (document.connection.kind !== 'smtp') throw new Error('not SMTP');
  const password = { secretId: newId() };
  await writeSettings(database, target, {
    ...document,
    connection: { ...document.connection, authentication: { kind: 'basic', userName, password } },
  });
}

describe('the verbs', () => {
  test('make, change, attach, detach and end a pool, each with its entry in the history', async () => {
    const { id } = await createPool(ctx, poolOf({ mailsPerMinute: 30, connections: 3 }));
    await attachProject(ctx, { pool: id, project: scene.project.slug });
    await attachProject(ctx, { pool: id, project: scene.project.slug });
    expect(
      await updatePool(ctx, { pool: id, expectedVersion: 1, input: poolOf({ mailsPerMinute: 20 }) }),
    ).toEqual({
      version: 2,
    });
    const [view] = await listPools(ctx);
    expect(view).toMatchObject({
      id,
      name: 'Exchange Online mailbox',
      figures: { mailsPerMinute: 20, connections: null },
      usable: { mailsPerMinute: 20 },
      isPacing: false,
      nextAt: null,
      stopped: null,
      used: { mailsLastMinute: 0, recipientsLastDay: 0, connections: 0 },
      projects: [{ id: scene.project.id }],
    });
    await detachProject(ctx, { project: scene.project.slug });
    await attachProject(ctx, { pool: id, project: scene.project.slug });
    expect(await archivePool(ctx, { pool: id })).toEqual({ projects: 1 });
    expect(await listPools(ctx)).toEqual([]);
    expect(await actions()).toEqual([
      'pool.created',
      'pool.attached',
      'pool.updated',
      'pool.detached',
      'pool.attached',
      'pool.archived',
    ]);
  });

  test('refuse a name that is taken, a version that is old, zero as a rate and a pool that ended', async () => {
    const { id } = await createPool(ctx, poolOf());
    await expect(createPool(ctx, poolOf({ name: 'exchange online MAILBOX' }))).rejects.toMatchObject({
      code: 'conflict',
      issues: [{ field: 'name' }],
    });
    await expect(createPool(ctx, poolOf({ name: 'Other', mailsPerMinute: 0 }))).rejects.toMatchObject({
      code: 'invalid_input',
      issues: [
        { field: 'mailsPerMinute', message: '0 is not a rate. To stop all mail, pause sending instead.' },
      ],
    });
    await expect(updatePool(ctx, { pool: id, expectedVersion: 7, input: poolOf() })).rejects.toMatchObject({
      code: 'version_conflict',
    });
    await archivePool(ctx, { pool: id });
    await expect(attachProject(ctx, { pool: id, project: scene.project.slug })).rejects.toMatchObject({
      code: 'not_found',
    });
    await createPool(ctx, poolOf());
  });

  test('are for owners and administrators of the whole organization', async () => {
    const { id } = await createPool(ctx, poolOf());
    const operator = userActor(await makeMember(database, scene.organization, 'operator'), 'operator');
    const partial = userActor(
      await makeMember(database, scene.organization, 'administrator', { projectIds: [scene.project.id] }),
      'administrator',
      [scene.project.id],
    );
    for (const actor of [operator, partial]) {
      const other = { ...ctx, actor };
      const attach = { pool: id, project: scene.project.slug };
      await expect(createPool(other, poolOf({ name: 'Other' }))).rejects.toMatchObject({ code: 'forbidden' });
      await expect(
        updatePool(other, { pool: id, expectedVersion: 1, input: poolOf() }),
      ).rejects.toMatchObject({
        code: 'forbidden',
      });
      await expect(attachProject(other, attach)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(detachProject(other, attach)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(archivePool(other, { pool: id })).rejects.toMatchObject({ code: 'forbidden' });
    }
  });

  test('never reach another organization', async () => {
    const { id } = await createPool(ctx, poolOf());
    const foreign = await makeScene(database, { port: 25 }, await makeOrganization(database));
    const stranger = contextOf(testServices(database), foreign.organization);
    expect(await listPools(stranger)).toEqual([]);
    await expect(attachProject(stranger, { pool: id, project: foreign.project.slug })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(attachProject(ctx, { pool: id, project: foreign.project.id })).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(archivePool(stranger, { pool: id })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('what is proposed', () => {
  test('two projects that sign in to one server as one user get one pool, with the provider’s figures', async () => {
    const other = await makeScene(database, { port: 25 }, scene.organization);
    await signsInAs(scene, 'Desk@example.test');
    expect(await suggestPools(ctx)).toEqual([]);
    await signsInAs(other, 'desk@example.test', 'SMTP.office365.com');
    const [suggested] = await suggestPools(ctx);
    expect(suggested).toMatchObject({
      host: 'smtp.office365.com',
      account: 'desk@example.test',
      preset: 'exchange_smtp',
      pool: null,
    });
    expect(suggested?.projects).toHaveLength(2);
    const { id } = await createPool(ctx, poolOf());
    await attachProject(ctx, { pool: id, project: scene.project.id });
    expect(await suggestPools(ctx)).toMatchObject([{ pool: { id }, projects: [{ id: other.project.id }] }]);
    await attachProject(ctx, { pool: id, project: other.project.id });
    expect(await suggestPools(ctx)).toEqual([]);
  });

  test('another user at the same server is another account', async () => {
    const other = await makeScene(database, { port: 25 }, scene.organization);
    await signsInAs(scene, 'desk@example.test');
    await signsInAs(other, 'billing@example.test');
    expect(await suggestPools(ctx)).toEqual([]);
  });
});

test('a project says what paces it, until when and in whose words', async () => {
  expect(await readProjectPace(ctx, { project: scene.project.slug })).toBeNull();
  const { id } = await createPool(ctx, poolOf({ mailsPerMinute: 30 }));
  await attachProject(ctx, { pool: id, project: scene.project.slug });
  const rested = await readProjectPace(ctx, { project: scene.project.slug });
  expect(rested).toMatchObject({ pool: { id }, isPaced: false, usable: { mailsPerMinute: 30 } });
  const [queued] = await queueMails(database, scene, 2);
  const message = { project: scene.project.slug, id: queued ?? '' };
  expect((await getMessage(ctx, message)).waiting).toBeNull();
  const reply = { code: 432, enhancedCode: '4.3.2', text: 'Slow down' };
  await asWorker(database, (tx) =>
    slowPool(tx, {
      projectId: scene.project.id,
      fault: { stage: 'content', scope: 'mailbox', code: 'SMTP_THROTTLED', reply },
      askedMs: 60_000,
      random: 0.5,
    }),
  );
  const slowed = await readProjectPace(ctx, { project: scene.project.slug });
  expect(slowed).toMatchObject({
    isPaced: true,
    rateFactor: 0.5,
    stopped: { code: 'SMTP_THROTTLED', reply: 'Slow down' },
    nextAt: slowed?.stopped?.until,
  });
  expect((await getMessage(ctx, message)).waiting).toEqual({
    reason: 'paced',
    explanation: 'Exchange Online mailbox was asked to wait by its provider.',
    until: slowed?.nextAt,
  });
});
