import { beforeEach, describe, expect, test } from 'vitest';
import { asOwner } from '#db/client.ts';
import type { Context } from '#lib/context.ts';
import { readFlood } from '#lib/flood/read-flood.ts';
import { saveFloodSettings } from '#lib/flood/save-flood-settings.ts';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { floodDefaults, type FloodThresholds } from '#lib/policy/flood.ts';
import { createDatabase } from '#db/client.ts';
import { createTestDatabase } from '#tests/support/database.ts';
import {
  contextOf,
  makeMember,
  makeOrganization,
  testServices,
  userActor,
} from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';
import { makeScene, type Scene } from '../queue/queue-scene.ts';

const { database, connectionString } = await createTestDatabase();
let scene: Scene;
let ctx: Context;

beforeEach(async () => {
  scene = await makeScene(database, { port: 25 });
  ctx = contextOf(testServices(database), scene.organization);
});

function mail(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { to: 'reader@example.test', subject: 'Ticket 4711 was updated', text: 'Hello', ...changes };
}

async function send(changes: Record<string, unknown> = {}): Promise<string> {
  const answer = await acceptMessage(ctx, scene.project.id, mail(changes));
  if (answer.kind !== 'accepted') throw new Error('not accepted');
  return answer.message.held ?? answer.message.state;
}

function save(changes: Partial<FloodThresholds>): Promise<void> {
  return saveFloodSettings(ctx, { project: scene.project.id, thresholds: { ...floodDefaults, ...changes } });
}

async function eventsOf(): Promise<readonly unknown[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ detail: unknown }>(
      "select detail from mailroom.message_events where project_id = $1 and kind = 'held' order by id",
      [scene.project.id],
    ),
  );
  return rows.map(({ detail }) => detail);
}

describe('repeated mail', () => {
  test('is held beyond the threshold, with the rule and the numbers in its history', async () => {
    await save({ repeatsPerHour: 3 });
    expect([await send(), await send({ subject: 'Ticket 12 was updated' }), await send()]).toEqual([
      'queued',
      'queued',
      'queued',
    ]);
    expect(await send({ subject: 'Re: Ticket 99 was updated' })).toBe('flood');
    expect(await send({ subject: 'Another thing' })).toBe('queued');
    expect(await send({ to: 'other@example.test' })).toBe('queued');
    expect(await eventsOf()).toEqual([
      {
        reason: 'flood',
        rule: 'repeated',
        shape: expect.stringMatching(/^repeated:[0-9a-f]{32}$/),
        label: '“ticket # was updated” to reader@example.test',
        seen: 4,
        threshold: 3,
      },
    ]);
  });

  test('is held before it takes room of the day: a held mail counts in no limit', async () => {
    await save({ repeatsPerHour: 1 });
    await send();
    expect(await send()).toBe('flood');
    const { rows } = await asOwner(database, (tx) =>
      tx.query('select reason, state from mailroom.held_messages where project_id = $1', [scene.project.id]),
    );
    expect(rows).toEqual([{ reason: 'flood', state: 'backlog' }]);
  });

  test('counts within a batch, each mail for itself', async () => {
    await save({ repeatsPerHour: 2 });
    const results = await acceptBatch(ctx, scene.project.id, [
      mail(),
      mail(),
      mail(),
      mail({ subject: 'Other' }),
    ]);
    expect(results.map((result) => (result.kind === 'accepted' ? result.message.held : result.kind))).toEqual(
      [null, null, 'flood', null],
    );
  });

  test('a replay of an idempotency key counts once', async () => {
    await save({ repeatsPerHour: 2 });
    const idempotency = { key: 'once', fingerprint: Buffer.alloc(32) };
    for (let round = 0; round < 5; round += 1) {
      await acceptMessage(ctx, scene.project.id, mail(), { idempotency });
    }
    expect(await send()).toBe('queued');
    expect(await send()).toBe('flood');
  });

  test('passes when the breaker is off, and from the very next mail on', async () => {
    await save({ repeatsPerHour: 1 });
    expect([await send(), await send()]).toEqual(['queued', 'flood']);
    await save({ repeatsPerHour: 1, isOn: false });
    expect(await send()).toBe('queued');
  });

  test('a test mail is never held as a flood', async () => {
    await save({ repeatsPerHour: 1 });
    await send();
    const answer = await acceptMessage(ctx, scene.project.id, mail(), { source: 'test' });
    expect(answer).toMatchObject({ message: { state: 'queued' } });
  });
});

test('an automatic reply to an address that nobody reads is held at once', async () => {
  const headers = { 'Auto-Submitted': 'auto-replied' };
  expect(await send({ headers, to: 'mailer-daemon@example.test' })).toBe('flood');
  expect(await send({ headers })).toBe('queued');
});

test('a sudden multiple of the busiest hour is held, once there is a day to compare with', async () => {
  await asOwner(database, (tx) =>
    tx.query(
      `insert into mailroom.delivery_counters (organization_id, project_id, hour, slot, sent)
       select $1, $2, date_trunc('hour', mailroom.now()) - n * interval '1 hour', 0, 2 from generate_series(1, 30) as n`,
      [scene.organization.id, scene.project.id],
    ),
  );
  await save({ surgeFactor: 2, surgeFloor: 3 });
  const states: string[] = [];
  for (let index = 0; index < 6; index += 1)
    states.push(await send({ subject: `Word ${'x'.repeat(index)}` }));
  expect(states).toEqual(['queued', 'queued', 'queued', 'queued', 'flood', 'flood']);
  expect((await readFlood(ctx, { project: scene.project.id })).busiestHour).toBe(2);
});

test('two portals know of each other’s counts', async () => {
  await save({ repeatsPerHour: 4 });
  const other = createDatabase({ connectionString });
  const there = { ...ctx, database: other };
  for (let index = 0; index < 3; index += 1) await send();
  await waitUntil('the counts reach Postgres', async () => {
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ mails: number }>(
        "select mails from mailroom.flood_counts where project_id = $1 and shape like 'repeated:%'",
        [scene.project.id],
      ),
    );
    return rows[0]?.mails === 3;
  });
  // Its first two are counted there alone until it has asked.
  const first = await acceptMessage(there, scene.project.id, mail());
  const second = await acceptMessage(there, scene.project.id, mail());
  expect([first, second]).toMatchObject([{ message: { held: null } }, { message: { held: null } }]);
  await waitUntil('both portals are summed up', async () => {
    const { rows } = await asOwner(database, (tx) =>
      tx.query<{ mails: number }>(
        "select mails from mailroom.flood_counts where project_id = $1 and shape like 'repeated:%'",
        [scene.project.id],
      ),
    );
    return rows[0]?.mails === 5;
  });
  await waitUntil('the other portal has heard', async () => {
    const answer = await acceptMessage(there, scene.project.id, mail());
    return answer.kind === 'accepted' && answer.message.held === 'flood';
  });
  await other.close();
});

describe('the settings', () => {
  test('are for owners and administrators, within bounds, in the history', async () => {
    const operator = await makeMember(database, scene.organization, 'operator');
    const asOperator = { ...ctx, actor: userActor(operator, 'operator') };
    const input = { project: scene.project.slug, thresholds: { ...floodDefaults, repeatsPerHour: 7 } };
    await expect(saveFloodSettings(asOperator, input)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      saveFloodSettings(ctx, { ...input, thresholds: { ...floodDefaults, repeatsPerHour: 0 } }),
    ).rejects.toMatchObject({ code: 'invalid_input', issues: [{ field: 'thresholds.repeatsPerHour' }] });
    await saveFloodSettings(ctx, input);
    expect((await readFlood(asOperator, { project: scene.project.slug })).thresholds.repeatsPerHour).toBe(7);
    const { rows } = await asOwner(database, (tx) =>
      tx.query(
        "select detail from mailroom.audit_entries where action = 'flood.settings_saved' and project_id = $1",
        [scene.project.id],
      ),
    );
    expect(rows).toEqual([{ detail: { before: floodDefaults, after: input.thresholds } }]);
  });

  test('of another organization are not found', async () => {
    const stranger = contextOf(testServices(database), await makeOrganization(database));
    await expect(readFlood(stranger, { project: scene.project.id })).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
