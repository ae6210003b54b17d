-- Pools pace and hold by what a provider grants (PRODUCT 5.9, 5.11); the flood breaker stops loops at the door (5.10).

-- One mailbox, sign-in or tenant at a provider, with its rates and quotas in the provider's own units. Null: unlimited.
create table mailroom.pools (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  name text not null check (length(name) between 1 and 80),
  kind text not null check (kind in ('mailbox', 'sign_in', 'tenant')),
  preset text not null,
  mails_per_minute integer check (mails_per_minute > 0),
  mails_per_hour integer check (mails_per_hour > 0),
  recipients_per_day integer check (recipients_per_day > 0),
  bytes_per_five_minutes bigint check (bytes_per_five_minutes > 0),
  connections integer check (connections > 0),
  -- Left to mail that others send from it: a part of each figure, and recipients of the day on top of that.
  reserve_percent smallint not null default 0 check (reserve_percent between 0 and 90),
  reserve_recipients integer not null default 0 check (reserve_recipients >= 0),
  version integer not null default 1,
  created_at timestamptz not null default mailroom.now(),
  archived_at timestamptz,
  unique (id, organization_id)
);
create unique index pools_name on mailroom.pools (organization_id, lower(name)) where archived_at is null;

alter table mailroom.projects add column pool_id uuid;
alter table mailroom.projects add foreign key (pool_id, organization_id) references mailroom.pools (id, organization_id);
create index projects_pool on mailroom.projects (pool_id) where pool_id is not null;

-- How far a pool has come: the theoretical arrival times of its rates, and how the provider has slowed it down. Its
-- lock puts all workers that ask for permits into one line.
create table mailroom.pool_paces (
  pool_id uuid primary key,
  organization_id uuid not null,
  minute_free_at timestamptz not null default 'epoch',
  hour_free_at timestamptz not null default 'epoch',
  bytes_free_at timestamptz not null default 'epoch',
  -- The part of its rates that the provider lets through, as it was at slowed_at; it climbs back by itself.
  rate_factor real not null default 1 check (rate_factor > 0 and rate_factor <= 1),
  slowed_at timestamptz,
  slow_count integer not null default 0,
  stopped_until timestamptz,
  slow_code text,
  slow_reply text,
  -- When somebody last had to wait for it.
  paced_at timestamptz,
  foreign key (pool_id, organization_id) references mailroom.pools (id, organization_id)
) with (fillfactor = 50);

create function mailroom.give_pool_pace() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into mailroom.pool_paces (pool_id, organization_id) values (new.id, new.organization_id);
  return null;
end
$$;
create trigger pools_have_paces after insert on mailroom.pools
  for each row execute function mailroom.give_pool_pace();

-- What was let go, by the minute; written under the lock of the pool's pace alone.
create table mailroom.pool_usage (
  pool_id uuid not null,
  minute timestamptz not null,
  organization_id uuid not null,
  mails integer not null default 0,
  recipients integer not null default 0,
  bytes bigint not null default 0,
  primary key (pool_id, minute),
  foreign key (pool_id, organization_id) references mailroom.pools (id, organization_id)
) with (fillfactor = 50);

-- Connections that a lane may hold open at the pool's provider. A row counts while its worker's beats come.
create table mailroom.pool_connections (
  pool_id uuid not null,
  lane_id uuid not null,
  worker_id uuid not null,
  organization_id uuid not null,
  held integer not null default 0 check (held >= 0),
  wanted integer not null default 0 check (wanted >= 0),
  asked_at timestamptz not null default mailroom.now(),
  primary key (pool_id, lane_id, worker_id),
  foreign key (pool_id, organization_id) references mailroom.pools (id, organization_id)
) with (fillfactor = 50);
create index pool_connections_worker on mailroom.pool_connections (worker_id);

-- From when on mail of a project is taken for a flood. No row: the defaults of the code.
create table mailroom.flood_settings (
  project_id uuid primary key,
  organization_id uuid not null,
  is_on boolean not null,
  repeats_per_hour integer not null check (repeats_per_hour > 0),
  replies_per_hour integer not null check (replies_per_hour > 0),
  surge_factor integer not null check (surge_factor > 1),
  surge_floor integer not null check (surge_floor > 0),
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
);

-- How often a shape was seen in this window and the one before. Adding to it costs no WAL; a crash of the server
-- forgets one window.
create unlogged table mailroom.flood_counts (
  project_id uuid not null,
  shape text not null,
  organization_id uuid not null,
  window_at timestamptz not null,
  mails integer not null,
  mails_before integer not null default 0,
  primary key (project_id, shape)
) with (fillfactor = 70);
create index flood_counts_window on mailroom.flood_counts (window_at);

-- "Is fine, let through": mail of this shape is no flood, until then or for ever.
create table mailroom.flood_allowances (
  project_id uuid not null,
  shape text not null,
  organization_id uuid not null,
  rule text not null check (rule in ('repeated', 'replies', 'reply_to_automatic', 'surge')),
  label text not null,
  until timestamptz,
  created_at timestamptz not null default mailroom.now(),
  created_by text not null,
  primary key (project_id, shape),
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
);

do $$
declare
  t text;
begin
  foreach t in array array['pools', 'pool_paces', 'pool_usage', 'pool_connections', 'flood_settings', 'flood_counts', 'flood_allowances']
  loop
    execute format('alter table mailroom.%I enable row level security', t);
    execute format('alter table mailroom.%I force row level security', t);
    execute format('create policy owner_all on mailroom.%I to %I using (true) with check (true)', t, current_user);
    execute format(
      'create policy tenant on mailroom.%I to mailroom_app
         using (organization_id = (select mailroom.current_organization()))
         with check (organization_id = (select mailroom.current_organization()))', t);
    execute format('create policy worker_all on mailroom.%I to mailroom_worker using (true) with check (true)', t);
  end loop;
end
$$;

grant select, insert, update on mailroom.pools, mailroom.flood_settings, mailroom.flood_counts to mailroom_app;
grant select, update on mailroom.pool_paces to mailroom_app;
grant select on mailroom.pool_usage, mailroom.pool_connections to mailroom_app;
grant select, insert, update, delete on mailroom.flood_allowances to mailroom_app;

grant select on mailroom.pools to mailroom_worker;
grant select, update on mailroom.pool_paces to mailroom_worker;
grant select, insert, update, delete on mailroom.pool_usage, mailroom.pool_connections to mailroom_worker;
grant select, delete on mailroom.flood_counts to mailroom_worker;

revoke execute on all functions in schema mailroom from public;
