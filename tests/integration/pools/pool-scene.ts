import { asOwner, type Database } from '#db/client.ts';
import { newId } from '#lib/ids.ts';
import { createPool } from '#lib/pools/create-pool.ts';
import type { PoolInput } from '#lib/pools/schemas.ts';
import { attachProject } from '#lib/pools/attach-project.ts';
import { contextOf, testServices } from '#tests/support/factories.ts';
import type { Scene } from '../queue/queue-scene.ts';

/** A pool without any figure but those given. */
export function poolOf(changes: Partial<PoolInput> = {}): PoolInput {
  return {
    name: 'Exchange Online mailbox',
    kind: 'mailbox',
    preset: 'other',
    mailsPerMinute: null,
    mailsPerHour: null,
    recipientsPerDay: null,
    bytesPerFiveMinutes: null,
    connections: null,
    reservePercent: 0,
    reserveRecipients: 0,
    ...changes,
  };
}

/** A pool that the projects of these scenes, all of one organization, draw from. Answers its id. */
export async function makePool(
  database: Database,
  scenes: readonly Scene[],
  changes: Partial<PoolInput> = {},
): Promise<string> {
  const [first] = scenes;
  if (first === undefined) throw new Error('a pool needs a scene');
  const ctx = contextOf(testServices(database), first.organization);
  const { id } = await createPool(ctx, poolOf(changes));
  for (const { project } of scenes) await attachProject(ctx, { pool: id, project: project.id });
  return id;
}

/** A worker that is in the list and beats, without a process behind it. */
export async function enterWorker(database: Database): Promise<string> {
  const id = newId();
  await asOwner(database, (tx) =>
    tx.query("insert into mailroom.workers (id, host, pid, version) values ($1, 'test', 1, 'test')", [id]),
  );
  return id;
}
