import { beforeEach, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { allowFlood } from '#lib/flood/allow-flood.ts';
import { endFloodAllowance } from '#lib/flood/end-flood-allowance.ts';
import { readFlood } from '#lib/flood/read-flood.ts';
import { saveFloodSettings } from '#lib/flood/save-flood-settings.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { floodDefaults } from '#lib/policy/flood.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { countStates, makeScene, type Scene } from '../queue/queue-scene.ts';

const { database } = await createTestDatabase();
let scene: Scene;
let ctx: Context;

beforeEach(async () => {
  scene = await makeScene(database, { port: 25 });
  ctx = contextOf(testServices(database), scene.organization);
  await saveFloodSettings(ctx, {
    project: scene.project.id,
    thresholds: { ...floodDefaults, repeatsPerHour: 1 },
  });
});

async function send(subject: string): Promise<{ id: string; held: string | null }> {
  const answer = await acceptMessage(ctx, scene.project.id, { to: 'a@x.test', subject, text: 'Hello' });
  if (answer.kind !== 'accepted') throw new Error('not accepted');
  return answer.message;
}

test('the chosen mail goes out, mails of its shape pass from now on, others are held as before', async () => {
  await send('Ticket 1');
  const held = await send('Ticket 2');
  const stays = await send('Ticket 3');
  await send('Order 1');
  const other = await send('Order 2');
  expect([held.held, stays.held, other.held]).toEqual(['flood', 'flood', 'flood']);
  const allowed = await allowFlood(ctx, { project: scene.project.slug, ids: [held.id] });
  expect(allowed).toMatchObject({ shapes: 1, run: { done: 1, state: 'done' } });
  expect(await send('Ticket 4')).toMatchObject({ held: null });
  expect(await send('Order 3')).toMatchObject({ held: 'flood' });
  expect(await countStates(database, scene)).toEqual({ queued: 4, backlog: 3 });
  const { allowances } = await readFlood(ctx, { project: scene.project.id });
  expect(allowances).toMatchObject([
    { rule: 'repeated', label: '“ticket #” to a@x.test', until: null, createdBy: 'test' },
  ]);
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string }>(
      "select action from mailroom.audit_entries where project_id = $1 and action like 'flood.allow%'",
      [scene.project.id],
    ),
  );
  expect(rows).toEqual([{ action: 'flood.allowed' }]);
});

test('an allowance ends at its time or when a person ends it', async () => {
  await send('Ticket 1');
  const held = await send('Ticket 2');
  await allowFlood(ctx, { project: scene.project.slug, ids: [held.id], span: 'hour' });
  expect(await send('Ticket 3')).toMatchObject({ held: null });
  const [allowance] = (await readFlood(ctx, { project: scene.project.id })).allowances;
  expect(allowance?.until).not.toBeNull();
  await endFloodAllowance(ctx, { project: scene.project.id, shape: allowance?.shape ?? '' });
  expect(await send('Ticket 4')).toMatchObject({ held: 'flood' });
  await expect(
    endFloodAllowance(ctx, { project: scene.project.id, shape: allowance?.shape ?? '' }),
  ).rejects.toMatchObject({ code: 'not_found' });
});

test('mails of several projects are let through from the organization’s backlog', async () => {
  await send('Ticket 1');
  const held = await send('Ticket 2');
  expect(await allowFlood(ctx, { project: null, ids: [held.id] })).toMatchObject({
    shapes: 1,
    run: { done: 1 },
  });
});

test('is refused to viewers and strangers, and where nothing is held as a flood', async () => {
  await send('Ticket 1');
  const held = await send('Ticket 2');
  const viewer = userActor(await makeMember(database, scene.organization, 'viewer'), 'viewer');
  const input = { project: scene.project.slug, ids: [held.id] };
  await expect(allowFlood({ ...ctx, actor: viewer }, input)).rejects.toMatchObject({ code: 'forbidden' });
  const stranger = contextOf(testServices(database), await makeOrganization(database));
  await expect(allowFlood(stranger, input)).rejects.toMatchObject({ code: 'not_found' });
  await expect(allowFlood(stranger, { ...input, project: null })).rejects.toMatchObject({
    code: 'wrong_state',
  });
  await expect(allowFlood(ctx, { ...input, ids: [] })).rejects.toMatchObject({ code: 'invalid_input' });
});
