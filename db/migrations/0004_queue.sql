-- A row here is an unfinished mail that is due or waits for its time. Narrow, no state, deleted at settle; autovacuum
-- comes early because rows live for seconds.
create table mailroom.queue_entries (
  message_id uuid primary key,
  organization_id uuid not null,
  project_id uuid not null,
  priority smallint not null,
  due_at timestamptz not null,
  expires_at timestamptz,
  -- The started mark: set and committed before end-of-data can be reached, fenced by the lane's generation.
  attempt_id uuid,
  attempt_started_at timestamptz,
  worker_id uuid,
  generation bigint,
  settings_version integer,
  crash_count smallint not null default 0
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0.05
);
create index queue_entries_order on mailroom.queue_entries (project_id, priority, due_at, message_id);
create index queue_entries_expiry on mailroom.queue_entries (expires_at) where expires_at is not null;

create table mailroom.workers (
  id uuid primary key,
  host text not null,
  pid integer not null,
  version text not null,
  started_at timestamptz not null default mailroom.now(),
  beat_at timestamptz not null default mailroom.now(),
  stopped_at timestamptz,
  lost_at timestamptz,
  lanes_held integer not null default 0,
  sent_count bigint not null default 0,
  memory_bytes bigint not null default 0,
  -- Names under which the process locks jobs: unlocked when it is lost.
  job_worker_ids text[] not null default '{}'
) with (fillfactor = 50);

-- Outcomes per project and hour, in slots so that two workers never wait for the same row.
create table mailroom.delivery_counters (
  organization_id uuid not null,
  project_id uuid not null,
  hour timestamptz not null,
  slot smallint not null,
  sent bigint not null default 0,
  failed bigint not null default 0,
  held bigint not null default 0,
  captured bigint not null default 0,
  expired bigint not null default 0,
  uncertain bigint not null default 0,
  retried bigint not null default 0,
  primary key (project_id, hour, slot)
) with (fillfactor = 70);
create index delivery_counters_organization on mailroom.delivery_counters (organization_id, hour);

-- One row: which database cluster this is. A copy restored from a backup must not send everything again (PRODUCT 4.12).
create table mailroom.installation (
  singleton boolean primary key default true check (singleton),
  system_identifier text not null,
  timeline bigint not null,
  restore_marker uuid not null,
  checked_at timestamptz not null default mailroom.now(),
  sending_stopped_at timestamptz,
  sending_stopped_reason text
);

-- Raises the lane's wake sequence and leaves one job for it. A definer function because graphile_worker's own tables
-- have row-level security without policies. Callers coalesce: at most one call in flight per lane and process.
create function mailroom.wake_lane(lane uuid) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update mailroom.lanes set wake_seq = wake_seq + 1 where id = lane;
  perform graphile_worker.add_job(
    'drain_lane',
    payload => json_build_object('laneId', lane),
    job_key => 'drain_lane:' || lane,
    max_attempts => 1,
    job_key_mode => 'replace'
  );
end
$$;

-- Stores mails and what belongs to them in one call: replays of idempotency keys first, then the checks that a profile
-- kept in memory cannot make, then one insert for all. Runs with the caller's rights, under its tenant. Keys are
-- distinct within a call. Answers {"refused": why} or {"results": [{index, outcome, response}]}.
create function mailroom.accept_messages(
  tenant uuid, wanted_project uuid, expected_version integer, used_key uuid, mail_source text, mails json, bodies text[]
) returns json
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  project record;
  moment timestamptz := mailroom.now();
  stale_before timestamptz := moment - interval '24 hours';
  keys text[];
  replayed text[] := '{}';
  waiting jsonb;
  results jsonb;
begin
  select array_agg(m ->> 'key') filter (where m ->> 'key' is not null) into keys from json_array_elements(mails) m;
  if keys is not null then
    select coalesce(array_agg(k.key), '{}') into replayed from mailroom.idempotency_keys k
    where k.project_id = wanted_project and k.key = any (keys) and k.created_at > stale_before;
  end if;

  if cardinality(replayed) < json_array_length(mails) then
    select p.archived_at, p.settings_version, p.paused_at, l.stopped_at, l.wait_until into project
    from mailroom.projects p join mailroom.lanes l on l.id = p.lane_id
    where p.id = wanted_project and p.organization_id = tenant;
    if not found then
      return '{"refused": "not_found"}';
    elsif project.archived_at is not null then
      return '{"refused": "archived"}';
    elsif project.settings_version is distinct from expected_version then
      return '{"refused": "stale"}';
    elsif used_key is not null and not exists (
      select from mailroom.api_keys k
      where k.id = used_key and k.project_id = wanted_project and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > moment)
    ) then
      return '{"refused": "key"}';
    end if;
    waiting := case
      when project.settings_version is null then '"not_set_up"'
      when project.paused_at is not null then '"paused"'
      when project.stopped_at is not null then '"stopped"'
      when project.wait_until > moment then '"waiting"'
    end::jsonb;
  end if;

  with mail as materialized (
    select m.*,
      jsonb_build_object(
        'id', m.id, 'messageId', m."messageId", 'state', 'queued', 'acceptedAt', moment,
        'recipients', cardinality(m.addresses),
        'waiting', coalesce(waiting, case when m."sendAt" > moment then '"send_at"'::jsonb end)
      ) as response
    from json_to_recordset(mails) as m (
      "index" integer, id uuid, key text, fingerprint text, category text, "newCategory" boolean, priority smallint,
      "sendAt" timestamptz, "expiresAt" timestamptz, subject text, "fromAddress" text, "envelopeFrom" text,
      "messageId" text, "sizeBytes" integer, "resendOf" uuid, tags text[], metadata jsonb, headers text,
      "searchSubject" text, "filledHeaders" text[], addresses text[], kinds text[]
    )
    where m.key is null or m.key <> all (replayed)
  ), put_key as (
    -- Waits for a concurrent call with the same key; the order of keys keeps two batches from a deadlock.
    insert into mailroom.idempotency_keys as kept (project_id, key, organization_id, fingerprint, message_id, response, created_at)
    select wanted_project, key, tenant, decode(fingerprint, 'hex'), id, response, moment
    from mail where key is not null order by key
    on conflict (project_id, key) do update set
      fingerprint = excluded.fingerprint, message_id = excluded.message_id, response = excluded.response,
      created_at = excluded.created_at
      where kept.created_at <= stale_before
    returning kept.key
  ), fresh as materialized (
    select * from mail where key is null or key in (select p.key from put_key p)
  ), put_category as (
    insert into mailroom.categories (organization_id, name)
    select distinct tenant, category from fresh where "newCategory" order by category
    on conflict do nothing
  ), put_message as (
    insert into mailroom.messages (
      id, organization_id, project_id, api_key_id, source, category, priority, state, state_at, accepted_at, send_at,
      expires_at, subject, from_address, envelope_from, internet_message_id, first_recipient, recipient_count,
      size_bytes, resend_of, tags, metadata
    )
    select id, tenant, wanted_project, used_key, mail_source, category, priority, 'queued', moment, moment, "sendAt",
      "expiresAt", subject, "fromAddress", "envelopeFrom", "messageId", addresses[1], cardinality(addresses),
      "sizeBytes", "resendOf", tags, metadata
    from fresh
  ), put_search as (
    insert into mailroom.message_search (message_id, organization_id, project_id, internet_message_id, subject, tags, metadata)
    select id, tenant, wanted_project, "messageId", to_tsvector('simple', "searchSubject"), tags, metadata from fresh
  ), put_recipients as (
    insert into mailroom.recipients (message_id, position, organization_id, project_id, address, kind, state)
    select m.id, r.position - 1, tenant, wanted_project, r.address, r.kind, 'pending'
    from fresh m cross join lateral unnest(m.addresses, m.kinds) with ordinality as r (address, kind, position)
  ), put_content as (
    insert into mailroom.contents (message_id, part, organization_id, headers, filled_headers, bytes)
    select id, 0, tenant, headers, "filledHeaders", convert_to(bodies["index" + 1], 'UTF8') from fresh
  ), put_queue as (
    insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at, expires_at)
    select id, tenant, wanted_project, priority, greatest("sendAt", moment), "expiresAt" from fresh
  )
  select coalesce(jsonb_agg(jsonb_build_object('index', f."index", 'outcome', 'accepted', 'response', f.response)), '[]')
  into results from fresh f;

  -- A statement of its own, so that it sees what the call that came first has committed meanwhile.
  if jsonb_array_length(results) < json_array_length(mails) then
    select results || coalesce(jsonb_agg(jsonb_build_object(
      'index', (m ->> 'index')::integer,
      'outcome', case when k.fingerprint = decode(m ->> 'fingerprint', 'hex') then 'replayed' else 'conflict' end,
      'response', k.response
    )), '[]') into results
    from json_array_elements(mails) m
    join mailroom.idempotency_keys k on k.project_id = wanted_project and k.key = m ->> 'key'
    where not results @> jsonb_build_array(jsonb_build_object('index', (m ->> 'index')::integer));
  end if;
  return json_build_object('results', results);
end
$$;
