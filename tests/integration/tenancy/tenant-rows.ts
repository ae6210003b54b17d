import type { Transaction } from '#db/client.ts';
import { newId } from '#lib/ids.ts';

/** Tables whose rows belong to one organization; each gets a row of every tenant of the test. */
export const tenantTables = [
  'announced_ends',
  'api_keys',
  'attempts',
  'audit_entries',
  'bulk_runs',
  'categories',
  'connection_proofs',
  'consent_links',
  'contents',
  'delivery_counters',
  'flood_allowances',
  'flood_counts',
  'flood_settings',
  'held_counts',
  'held_messages',
  'idempotency_keys',
  'lanes',
  'limit_calendars',
  'limit_policies',
  'limit_scopes',
  'limit_usage',
  'limit_usage_hours',
  'mail_settings_versions',
  'memberships',
  'message_events',
  'message_search',
  'messages',
  'notices',
  'oauth_consents',
  'oauth_grants',
  'pool_connections',
  'pool_paces',
  'pool_usage',
  'pools',
  'projects',
  'queue_entries',
  'recipients',
  'secrets',
  'sending_halts',
  'shared_events',
  'throttles',
] as const;

/** Rows for a tenant whose organization, member, project, mail settings and API key stand. */
export async function insertTenantRows(
  tx: Transaction,
  organizationId: string,
  projectId: string,
): Promise<void> {
  await insertMail(tx, organizationId, projectId);
  await insertConsent(tx, organizationId, projectId);
  await insertPool(tx, organizationId, projectId);
  await insertHalt(tx, organizationId, projectId);
}

async function insertHalt(tx: Transaction, organizationId: string, projectId: string): Promise<void> {
  await tx.query(
    `insert into mailroom.sending_halts (project_id, organization_id) values ($1, $2) on conflict do nothing`,
    [projectId, organizationId],
  );
}

async function insertMail(tx: Transaction, organizationId: string, projectId: string): Promise<void> {
  const ids = [newId(), organizationId, projectId];
  const statements = [
    `insert into mailroom.messages (id, organization_id, project_id, source, category, priority, state, state_at,
       accepted_at, subject, internet_message_id, first_recipient, recipient_count, size_bytes)
     values ($1, $2, $3, 'api', 'general', 1, 'queued', mailroom.now(), mailroom.now(), 's', '<m@x>', 'r@x', 1, 1)`,
    `insert into mailroom.message_search (message_id, organization_id, project_id, internet_message_id, subject, tags, metadata)
     values ($1, $2, $3, '<m@x>', '', '{}', '{}')`,
    `insert into mailroom.recipients (message_id, position, organization_id, project_id, address, kind, state)
     values ($1, 0, $2, $3, 'r@x', 'to', 'pending')`,
    `insert into mailroom.message_events (id, organization_id, project_id, message_id, kind, actor_label)
     values ($1, $2, $3, $1, 'cancelled', 'x')`,
    `insert into mailroom.shared_events (id, organization_id, project_id, kind, actor_label)
     values ($1, $2, $3, 'resumed', 'x')`,
    `insert into mailroom.attempts (id, message_id, organization_id, project_id, number, started_at, outcome)
     values ($1, $1, $2, $3, 1, mailroom.now(), 'accepted')`,
    `insert into mailroom.idempotency_keys (project_id, key, organization_id, fingerprint, message_id, response)
     values ($3, 'k', $2, '', $1, '{}')`,
    `insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at)
     values ($1, $2, $3, 1, mailroom.now())`,
    `insert into mailroom.held_messages (message_id, organization_id, project_id, state, reason, held_at, priority,
       category, recipient_count, size_bytes, due_at)
     values ($1, $2, $3, 'backlog', 'day_limit', mailroom.now(), 1, 'general', 1, 1, mailroom.now())`,
    `insert into mailroom.bulk_runs (id, organization_id, project_id, kind, selection, expected, actor_kind, actor_label)
     values ($1, $2, $3, 'resume', '{}', 1, 'system', 'x')`,
  ];
  for (const statement of statements) await tx.query(statement, ids);
  await tx.query(
    `insert into mailroom.contents (message_id, part, organization_id, bytes) values ($1, 0, $2, '')`,
    ids.slice(0, 2),
  );
  await tx.query(`insert into mailroom.categories (organization_id, name) values ($1, 'general')`, [
    organizationId,
  ]);
  await tx.query(
    'insert into mailroom.delivery_counters (organization_id, project_id, hour, slot) values ($1, $2, mailroom.now(), 0)',
    ids.slice(1),
  );
}

async function insertConsent(tx: Transaction, organizationId: string, projectId: string): Promise<void> {
  const id = newId();
  const ids = [id, organizationId, projectId];
  const statements = [
    `insert into mailroom.oauth_grants (id, organization_id, project_id) values ($1, $2, $3)`,
    `insert into mailroom.consent_links (id, organization_id, project_id, grant_id, token_hash, mailbox, created_by, expires_at)
     values ($1, $2, $3, $1, uuid_send($1), 'm@x', 'x', mailroom.now())`,
    `insert into mailroom.oauth_consents (state_hash, organization_id, project_id, grant_id, settings_version, kind,
       browser_hash, link_id, key_id, sealed, expires_at)
     values (uuid_send($1), $2, $3, $1, 1, 'mailbox', '', $1, 'k', '', mailroom.now())`,
  ];
  for (const statement of statements) await tx.query(statement, ids);
  const ofProject = [
    `insert into mailroom.announced_ends (organization_id, project_id, kind, ends_at, days_ahead)
     values ($1, $2, 'token', mailroom.now(), 7)`,
    `insert into mailroom.throttles (organization_id, project_id, settings_version, client_key, mailbox_key, counts_by_client)
     values ($1, $2, 1, sha256(''), sha256(''), false)`,
    `insert into mailroom.connection_proofs (organization_id, project_id, due_at) values ($1, $2, mailroom.now())`,
    `insert into mailroom.notices (id, organization_id, project_id, kind, facts, expires_at)
     values (gen_random_uuid(), $1, $2, 'x', '{}', mailroom.now())`,
  ];
  for (const statement of ofProject) await tx.query(statement, ids.slice(1));
}

async function insertPool(tx: Transaction, organizationId: string, projectId: string): Promise<void> {
  const ofPool = [
    `insert into mailroom.pools (id, organization_id, name, kind, preset) values ($1, $2, 'Pool', 'mailbox', 'own')`,
    `insert into mailroom.pool_usage (pool_id, organization_id, minute) values ($1, $2, mailroom.now())`,
    `insert into mailroom.pool_connections (pool_id, organization_id, lane_id, worker_id)
     values ($1, $2, gen_random_uuid(), gen_random_uuid())`,
  ];
  const id = newId();
  for (const statement of ofPool) await tx.query(statement, [id, organizationId]);
  const ofProject = [
    `insert into mailroom.flood_settings (organization_id, project_id, is_on, repeats_per_hour, replies_per_hour,
       surge_factor, surge_floor)
     values ($1, $2, true, 1, 1, 2, 1)`,
    `insert into mailroom.flood_counts (organization_id, project_id, shape, window_at, mails)
     values ($1, $2, 's', mailroom.now(), 1)`,
    `insert into mailroom.flood_allowances (organization_id, project_id, shape, rule, label, created_by)
     values ($1, $2, 's', 'surge', 's', 'x')`,
  ];
  for (const statement of ofProject) await tx.query(statement, [organizationId, projectId]);
}
