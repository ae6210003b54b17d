import { asWorker, withTenant } from '#db/client.ts';
import { type Services, systemContext } from '../context.ts';
import { createGraphSlots, type GraphSlots } from '../graph-slots/graph-slots.ts';
import { proveProject } from './prove-project.ts';
import { type ProvedProject, recordProof } from './record-proof.ts';

const atOnce = 4;
const batch = 40;
/** Longer than any proof: after it another worker may begin anew. */
const takenMinutes = 10;
const longestMs = 4 * 60_000;

/**
 * Proves every connection that is due (PRODUCT 2.19): once a day at its own minute, after each save of its settings, and
 * an hour after a failure. For the worker's timer; answers with how many.
 */
export async function proveDueConnections(services: Services, signal?: AbortSignal): Promise<number> {
  const due = await takeDue(services);
  const slots = createGraphSlots(services.database);
  const waiting = [...due];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await proveOne(services, slots, next, signal);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  await slots.settled();
  return due.length;
}

async function takeDue({ database }: Services): Promise<ProvedProject[]> {
  const { rows } = await asWorker(database, (tx) =>
    tx.query<{ id: string; organization_id: string; name: string; settings_version: number }>(
      `with due as (
         select p.id, p.organization_id, p.name, p.settings_version
         from mailroom.projects p left join mailroom.connection_proofs c on c.project_id = p.id
         where p.settings_version is not null and p.archived_at is null
           and (c.taken_until is null or c.taken_until <= mailroom.now())
           and (c.project_id is null or c.due_at <= mailroom.now()
             or c.settings_version is distinct from p.settings_version)
         order by c.due_at nulls first, p.id limit ${batch}
       ), taken as (
         insert into mailroom.connection_proofs as c (project_id, organization_id, due_at, taken_until)
         select id, organization_id, mailroom.now(), mailroom.now() + interval '${takenMinutes} minutes' from due
         on conflict (project_id) do update set taken_until = excluded.taken_until
           where c.taken_until is null or c.taken_until <= mailroom.now()
         returning project_id
       )
       select due.* from due join taken on taken.project_id = due.id`,
    ),
  );
  return rows.map((row) => ({
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    settingsVersion: row.settings_version,
  }));
}

async function proveOne(
  services: Services,
  slots: GraphSlots,
  project: ProvedProject,
  given: AbortSignal | undefined,
): Promise<void> {
  const limit = AbortSignal.timeout(longestMs);
  const signal = given === undefined ? limit : AbortSignal.any([given, limit]);
  try {
    const proof = await proveProject(services, slots, project, signal);
    if (proof === null) return;
    const ctx = systemContext(services, project);
    await withTenant(services.database, { organizationId: project.organizationId, userId: null }, (tx) =>
      recordProof(tx, ctx, project, proof),
    );
  } catch (error) {
    // One connection must not keep the others from being proved; it stays taken and is tried again after that.
    services.log.error({ err: error, projectId: project.id }, 'a connection could not be proved');
  }
}
