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
  memory_bytes bigint not null default 0
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
