import { asOwner, type Database } from '#db/client.ts';
import { newId } from '#lib/ids.ts';
import { sharedAlternate } from '#lib/settings/connection-schemas.ts';
import { defaultRetrySchedule, type MailSettingsDocument } from '#lib/settings/schemas.ts';
import {
  makeOrganization,
  makeProject,
  type TestOrganization,
  type TestProject,
} from '#tests/support/factories.ts';
import { waitUntil } from '#tests/support/wait-for.ts';

type Sending = MailSettingsDocument['sending'];

export interface SettingsChanges {
  readonly port: number;
  readonly host?: string;
  readonly alternateHost?: string | null;
  readonly alternate?: Partial<typeof sharedAlternate>;
  readonly senderAddress?: string;
  readonly maxConnections?: number;
  readonly sending?: Partial<Sending>;
  readonly debugUntil?: string | null;
}

/** A retry schedule that a test can wait for. */
export const quickRetry: Sending['retry'] = {
  ...defaultRetrySchedule,
  firstWaitSeconds: 5,
  factor: 1.1,
  maxWaitSeconds: 60,
  jitterPercent: 0,
  giveUpAfterHours: 1,
};

export function settingsDocument(changes: SettingsChanges): MailSettingsDocument {
  return {
    sender: { name: 'Portal', address: changes.senderAddress ?? 'portal@example.test', replyTo: null },
    connection: {
      kind: 'smtp',
      protocol: 'smtp',
      host: changes.host ?? '127.0.0.1',
      port: changes.port,
      alternateHost: changes.alternateHost ?? null,
      alternate: { ...sharedAlternate, ...changes.alternate },
      tlsPolicy: 'none',
      checkCertificate: true,
      customCa: null,
      maxConnections: changes.maxConnections ?? 10,
      authentication: { kind: 'none' },
    },
    proxy: { use: false, server: null },
    debug: { until: changes.debugUntil ?? null },
    sending: {
      mode: { kind: 'live' },
      allowedSenders: [],
      otherSenders: 'refuse',
      uncertain: 'resend',
      retry: quickRetry,
      ...changes.sending,
    },
  };
}

/** Writes a version of the settings as the verb does, for tests that are about the queue alone. */
export async function writeSettings(
  database: Database,
  { organization, project }: Scene,
  document: MailSettingsDocument,
): Promise<number> {
  return asOwner(database, async (tx) => {
    const { rows } = await tx.query<{ next: number }>(
      'select coalesce(max(version), 0) + 1 as next from mailroom.mail_settings_versions where project_id = $1',
      [project.id],
    );
    const version = rows[0]?.next ?? 1;
    await tx.query(
      `insert into mailroom.mail_settings_versions
         (id, organization_id, project_id, version, document, origin, changes, actor_kind, actor_label)
       values ($1, $2, $3, $4, $5, 'saved', '[]', 'operator', 'test')`,
      [newId(), organization.id, project.id, version, JSON.stringify(document)],
    );
    await tx.query('update mailroom.projects set settings_version = $2 where id = $1', [project.id, version]);
    await tx.query(
      `update mailroom.lanes set stopped_at = null, stop_code = null, wait_kind = null, wait_until = null,
         failure_count = 0, active_endpoint = 'primary' where id = $1`,
      [project.laneId],
    );
    return version;
  });
}

export interface Scene {
  readonly organization: TestOrganization;
  readonly project: TestProject;
}

/** A project that is set up to send to this server. */
export async function makeScene(
  database: Database,
  changes: SettingsChanges,
  organization?: TestOrganization,
): Promise<Scene> {
  const owner = organization ?? (await makeOrganization(database));
  const scene = { organization: owner, project: await makeProject(database, owner) };
  await writeSettings(database, scene, settingsDocument(changes));
  return scene;
}

export interface MailChanges {
  readonly recipients?: readonly string[];
  readonly bodyBytes?: number;
  readonly priority?: number;
  readonly expiresInMs?: number | null;
  readonly apiKeyId?: string | null;
}

/** Puts finished mails into the queue, as accept does, in one statement per table. Answers their ids in order. */
export async function queueMails(
  database: Database,
  { organization, project }: Scene,
  count: number,
  changes: MailChanges = {},
): Promise<readonly string[]> {
  const ids = Array.from({ length: count }, () => newId());
  const recipients = changes.recipients ?? ['someone@example.test'];
  const line = `${'x'.repeat(74)}\r\n`;
  const body = line.repeat(Math.max(1, Math.round((changes.bodyBytes ?? 500) / line.length)));
  await asOwner(database, async (tx) => {
    const tenant = [organization.id, project.id];
    await tx.query(
      `insert into mailroom.messages (id, organization_id, project_id, api_key_id, source, category, priority, state,
         state_at, accepted_at, expires_at, subject, internet_message_id, first_recipient, recipient_count, size_bytes)
       select id, $2, $3, $8, 'api', 'test', $4, 'queued', mailroom.now(), mailroom.now(),
         mailroom.now() + $7 * interval '1 millisecond', 'Test', '<' || id || '@test>', $5, $6, $9
       from unnest($1::uuid[]) as id`,
      [
        ids,
        ...tenant,
        changes.priority ?? 1,
        recipients[0],
        recipients.length,
        changes.expiresInMs ?? null,
        changes.apiKeyId ?? null,
        body.length + 200,
      ],
    );
    await tx.query(
      `insert into mailroom.recipients (message_id, position, organization_id, project_id, address, kind, state)
       select id, r.position - 1, $2, $3, r.address, 'to', 'pending'
       from unnest($1::uuid[]) as id cross join unnest($4::text[]) with ordinality as r(address, position)`,
      [ids, ...tenant, recipients],
    );
    await tx.query(
      `insert into mailroom.contents (message_id, part, organization_id, headers, filled_headers, bytes)
       select id, 0, $2, 'Message-ID: <' || id || E'@test>\\r\\nSubject: Test\\r\\nTo: x@example.test\\r\\n', '{from}', $3
       from unnest($1::uuid[]) as id`,
      [ids, organization.id, Buffer.from(body)],
    );
    await tx.query(
      `insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at, expires_at)
       select id, $2, $3, $4, mailroom.now(), mailroom.now() + $5 * interval '1 millisecond' from unnest($1::uuid[]) as id`,
      [ids, ...tenant, changes.priority ?? 1, changes.expiresInMs ?? null],
    );
  });
  return ids;
}

/** How many messages of the project are in each state. */
export async function countStates(
  database: Database,
  { project }: Scene,
): Promise<Readonly<Record<string, number>>> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ state: string; count: number }>(
      'select state, count(*)::int as count from mailroom.messages where project_id = $1 group by state',
      [project.id],
    ),
  );
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

export async function waitForStates(
  database: Database,
  scene: Scene,
  wanted: Readonly<Record<string, number>>,
  withinMs = 60_000,
): Promise<void> {
  let seen: Readonly<Record<string, number>> = {};
  await waitUntil(
    `messages in the states ${JSON.stringify(wanted)}`,
    async () => {
      seen = await countStates(database, scene);
      return Object.entries(wanted).every(([state, count]) => seen[state] === count);
    },
    { withinMs, everyMs: 50 },
  ).catch((error: unknown) => {
    throw new Error(`they are ${JSON.stringify(seen)}`, { cause: error });
  });
}

export interface AttemptRow {
  readonly message_id: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly repeat: boolean;
  readonly settings_version: number;
  readonly endpoint: string | null;
  readonly worker_id: string;
}

export async function attemptsOf(database: Database, { project }: Scene): Promise<readonly AttemptRow[]> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<AttemptRow>(
      `select message_id, outcome, code, repeat, settings_version, endpoint, worker_id
       from mailroom.attempts where project_id = $1 order by message_id, id`,
      [project.id],
    ),
  );
  return rows;
}

export async function queueLength(database: Database, { project }: Scene): Promise<number> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ count: number }>(
      'select count(*)::int as count from mailroom.queue_entries where project_id = $1',
      [project.id],
    ),
  );
  return rows[0]?.count ?? 0;
}

/** How many mails of the project have their `started` mark and no outcome yet. */
export async function countUnderWay(database: Database, { project }: Scene): Promise<number> {
  const { rows } = await asOwner(database, (tx) =>
    tx.query<{ count: number }>(
      'select count(*)::int as count from mailroom.queue_entries where project_id = $1 and attempt_id is not null',
      [project.id],
    ),
  );
  return rows[0]?.count ?? 0;
}
