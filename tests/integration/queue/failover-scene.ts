import { asOwner, type Database } from '#db/client.ts';
import type { Scene } from './queue-scene.ts';

export interface LaneRow {
  readonly active_endpoint: 'primary' | 'alternate';
  readonly alternate_since: Date | null;
  readonly alternate_reason: string | null;
  readonly both_down_since: Date | null;
  readonly wait_kind: string | null;
  readonly wait_until: Date | null;
  readonly failure_count: number;
  readonly reach_failures: number;
  readonly stopped_at: Date | null;
  readonly stop_code: string | null;
  readonly primary_up_since: Date | null;
  readonly rate_factor: number;
}

export async function laneOf(database: Database, { project }: Scene): Promise<LaneRow> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<LaneRow>('select * from mailroom.lanes where id = $1', [project.laneId]),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('The lane is gone');
  return row;
}

/** Puts the lane where a worker would have put it, `minutes` ago. */
export async function setOnAlternate(database: Database, { project }: Scene, minutes = 1): Promise<void> {
  await asOwner(database, (tx) =>
    tx.query(
      `update mailroom.lanes set active_endpoint = 'alternate', alternate_reason = 'CONNECT_REFUSED',
         alternate_since = mailroom.now() - make_interval(mins => $2) where id = $1`,
      [project.laneId, minutes],
    ),
  );
}

/** What the history says of the lane, oldest first, each with why it came back. */
export async function laneHistory(
  database: Database,
  { project }: Scene,
): Promise<readonly (readonly [string, string | null])[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ action: string; why: string | null }>(
      `select action, detail->>'why' as why from mailroom.audit_entries
       where project_id = $1 and action like 'lane.%' order by id`,
      [project.id],
    ),
  );
  return rows.map(({ action, why }) => [action, why] as const);
}

/** What people were told of by mail, oldest first. */
export async function toldOf(database: Database, { project }: Scene): Promise<readonly string[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ kind: string }>(
      'select kind from mailroom.notices where project_id = $1 order by announced_at, id',
      [project.id],
    ),
  );
  return rows.map(({ kind }) => kind);
}
