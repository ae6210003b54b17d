import { asOwner, type Database } from '#db/client.ts';
import type { Scene } from './queue-scene.ts';

export interface LimitNumbers {
  readonly mailsPerDay?: number | null;
  readonly recipientsPerMail?: number | null;
  readonly highReserve?: number;
}

/** Sets the limits of the organization's SMTP mail, as the verb does, under the lock that marks wait for. */
export async function limitProtocol(
  database: Database,
  { organization }: Pick<Scene, 'organization'>,
  limits: LimitNumbers,
): Promise<void> {
  await setLimits(database, `organization_id = $1 and protocol = 'smtp'`, organization.id, limits);
}

/** Sets the limits of one project. */
export async function limitProject(
  database: Database,
  { project }: Pick<Scene, 'project'>,
  limits: LimitNumbers,
): Promise<void> {
  await setLimits(database, 'project_id = $1', project.id, limits);
}

async function setLimits(
  database: Database,
  condition: string,
  id: string,
  { mailsPerDay = null, recipientsPerMail = null, highReserve = 0 }: LimitNumbers,
): Promise<void> {
  await asOwner(database, (tx) =>
    tx.query(
      `update mailroom.limit_scopes set mails_per_day = $2, recipients_per_mail = $3, high_reserve = $4 where ${condition}`,
      [id, mailsPerDay, recipientsPerMail, highReserve],
    ),
  );
}

export interface Usage {
  readonly mails: number;
  readonly passed: number;
  readonly high: number;
  readonly largest: number;
}

/** What the organization's SMTP scope has counted from an instant on; from ever where none is given. */
export async function usageOf(
  database: Database,
  { organization }: Pick<Scene, 'organization'>,
  since = '-infinity',
): Promise<Usage> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<Usage>(
      `select coalesce(sum(u.mails), 0)::int as mails, coalesce(sum(u.passed), 0)::int as passed,
         coalesce(sum(u.high_mails), 0)::int as high, coalesce(max(u.largest), 0) as largest
       from mailroom.limit_scopes s join mailroom.limit_usage u on u.scope_id = s.id
       where s.organization_id = $1 and s.protocol = 'smtp' and u.minute >= $2::timestamptz`,
      [organization.id, since],
    ),
  );
  return rows[0] ?? { mails: 0, passed: 0, high: 0, largest: 0 };
}

/** How many mails of the organization are in each state, all projects together. */
export async function statesOf(
  database: Database,
  { organization }: Pick<Scene, 'organization'>,
): Promise<Readonly<Record<string, number>>> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ state: string; count: number }>(
      'select state, count(*)::int as count from mailroom.messages where organization_id = $1 group by state',
      [organization.id],
    ),
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}
