import { asOwner, asWorker, type Database } from '#db/client.ts';
import type { LimitWindow } from '#lib/limits/limits-view.ts';
import type { TestOrganization, TestProject } from '#tests/support/factories.ts';

/** Sets the numbers of a scope as the verb does, for tests that are about what they do. */
export async function setLimit(
  database: Database,
  scope: { organization: TestOrganization; protocol?: 'smtp' | 'ews' | 'graph'; project?: TestProject },
  numbers: { mailsPerDay?: number | null; recipientsPerMail?: number | null; highReserve?: number },
): Promise<void> {
  await asOwner(database, (tx) =>
    tx.query(
      `update mailroom.limit_scopes set mails_per_day = $4, recipients_per_mail = $5, high_reserve = $6
       where organization_id = $1 and project_id is not distinct from $2 and protocol is not distinct from $3`,
      [
        scope.organization.id,
        scope.project?.id ?? null,
        scope.protocol ?? null,
        numbers.mailsPerDay ?? null,
        numbers.recipientsPerMail ?? null,
        numbers.highReserve ?? 0,
      ],
    ),
  );
}

/** Counts mails as if they had been started in this minute. */
export async function useUp(
  database: Database,
  scope: { organization: TestOrganization; protocol?: 'smtp' | 'ews' | 'graph'; project?: TestProject },
  used: { mails: number; high?: number; held?: number; minutesAgo?: number },
): Promise<void> {
  await asOwner(database, (tx) =>
    tx.query(
      `insert into mailroom.limit_usage as u (scope_id, minute, slot, organization_id, mails, high_mails, held)
       select id, date_trunc('minute', mailroom.now()) - $7 * interval '1 minute', 0, organization_id, $4, $5, $6
       from mailroom.limit_scopes
       where organization_id = $1 and project_id is not distinct from $2 and protocol is not distinct from $3
       on conflict (scope_id, minute, slot) do update set mails = u.mails + excluded.mails,
         high_mails = u.high_mails + excluded.high_mails, held = u.held + excluded.held`,
      [
        scope.organization.id,
        scope.project?.id ?? null,
        scope.protocol ?? null,
        used.mails,
        used.high ?? 0,
        used.held ?? 0,
        used.minutesAgo ?? 0,
      ],
    ),
  );
}

export interface Room {
  readonly recipients: number | null;
  readonly high: number | null;
  readonly normal: number | null;
}

/** What the database says is left for a project. */
export async function roomOf(database: Database, project: TestProject): Promise<Room> {
  const { rows } = await asWorker(database, (tx) =>
    tx.query<Room>(
      `select recipients_per_mail as recipients, high_left as high, normal_left as normal
       from mailroom.limit_room_of($1)`,
      [project.id],
    ),
  );
  const [room] = rows;
  if (room === undefined) throw new Error('no room');
  return room;
}

/** The running window, and where the clock of the database stands. */
export async function windowOf(
  database: Database,
  organization: TestOrganization,
): Promise<LimitWindow & { readonly now: string }> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{
      kind: 'calendar' | 'rolling';
      time_zone: string;
      starts_at: Date;
      ends_at: Date | null;
      now: Date;
    }>('select w.*, mailroom.now() as now from mailroom.limit_window($1) w', [organization.id]),
  );
  const [row] = rows;
  if (row === undefined) throw new Error('no window');
  return {
    kind: row.kind,
    timeZone: row.time_zone,
    startsAt: row.starts_at.toISOString(),
    endsAt: row.ends_at?.toISOString() ?? null,
    now: row.now.toISOString(),
  };
}
