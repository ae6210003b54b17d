-- Limits, the backlog and what moves mail between them (PRODUCT 5).

-- How an organization's day is cut, from an instant on. A change begins where the running window ends, so at most one
-- row lies ahead.
create table mailroom.limit_calendars (
  organization_id uuid not null references mailroom.organizations (id),
  starts_at timestamptz not null,
  kind text not null check (kind in ('calendar', 'rolling')),
  time_zone text not null,
  primary key (organization_id, starts_at)
);

-- One row per organization: what its limits do beside their numbers.
create table mailroom.limit_policies (
  organization_id uuid primary key references mailroom.organizations (id),
  recipients_policy text not null default 'hold' check (recipients_policy in ('hold', 'split', 'refuse')),
  auto_resume boolean not null default false,
  auto_resume_threshold integer check (auto_resume_threshold > 0)
);

-- What a limit counts over: all mail of one protocol, or one project. Every organization and project has its rows, so
-- that whoever starts a mail can lock what it counts in. Null means no limit.
create table mailroom.limit_scopes (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references mailroom.organizations (id),
  project_id uuid,
  protocol text check (protocol in ('smtp', 'ews', 'graph')),
  mails_per_day integer check (mails_per_day > 0),
  recipients_per_mail integer check (recipients_per_mail > 0),
  -- Mails of the day that only high priority may use.
  high_reserve integer not null default 0 check (high_reserve >= 0),
  -- When a limit of it last rose or went away: a cause of auto resume (PRODUCT 5.6).
  raised_at timestamptz,
  check ((project_id is null) <> (protocol is null)),
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id),
  unique nulls not distinct (organization_id, project_id, protocol)
) with (fillfactor = 70);
create unique index limit_scopes_project on mailroom.limit_scopes (project_id) where project_id is not null;

-- Mails that got their first started mark, by the minute. A scope with a limit is counted in slot 0 under its lock;
-- one without in slots, so that two workers never wait for each other.
create table mailroom.limit_usage (
  -- Without a foreign key, whose check would wait for whoever has locked the scope. Scopes are never deleted.
  scope_id uuid not null,
  minute timestamptz not null,
  slot smallint not null,
  organization_id uuid not null,
  mails integer not null default 0,
  high_mails integer not null default 0,
  -- Of them, those that went out past the limit: by a person's resume, or as a test.
  passed integer not null default 0,
  -- Mails that the day's limit has stopped.
  held integer not null default 0,
  -- Recipients of the largest mail, started or held.
  largest integer not null default 0,
  primary key (scope_id, minute, slot)
) with (fillfactor = 70);

-- The same by the hour, so that a window is summed from some dozens of rows; kept by a trigger.
create table mailroom.limit_usage_hours (
  scope_id uuid not null,
  hour timestamptz not null,
  slot smallint not null,
  organization_id uuid not null,
  mails integer not null,
  high_mails integer not null,
  held integer not null,
  primary key (scope_id, hour, slot)
) with (fillfactor = 70);

create function mailroom.sum_limit_hours() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' then
    insert into mailroom.limit_usage_hours as h (scope_id, hour, slot, organization_id, mails, high_mails, held)
    select scope_id, date_bin('1 hour', minute, 'epoch'), slot, organization_id, sum(mails), sum(high_mails), sum(held)
    from after_rows where mails <> 0 or held <> 0 group by 1, 2, 3, 4 order by 1, 2, 3
    on conflict (scope_id, hour, slot) do update set
      mails = h.mails + excluded.mails, high_mails = h.high_mails + excluded.high_mails, held = h.held + excluded.held;
  elsif tg_op = 'UPDATE' then
    insert into mailroom.limit_usage_hours as h (scope_id, hour, slot, organization_id, mails, high_mails, held)
    select scope_id, date_bin('1 hour', minute, 'epoch'), slot, organization_id, sum(mails), sum(high_mails), sum(held)
    from (
      select scope_id, minute, slot, organization_id, mails, high_mails, held from after_rows
      union all
      select scope_id, minute, slot, organization_id, -mails, -high_mails, -held from before_rows
    ) r group by 1, 2, 3, 4 having sum(mails) <> 0 or sum(high_mails) <> 0 or sum(held) <> 0
    order by 1, 2, 3
    on conflict (scope_id, hour, slot) do update set
      mails = h.mails + excluded.mails, high_mails = h.high_mails + excluded.high_mails, held = h.held + excluded.held;
  else
    insert into mailroom.limit_usage_hours as h (scope_id, hour, slot, organization_id, mails, high_mails, held)
    select scope_id, date_bin('1 hour', minute, 'epoch'), slot, organization_id, -sum(mails), -sum(high_mails), -sum(held)
    from before_rows where mails <> 0 or held <> 0 group by 1, 2, 3, 4 order by 1, 2, 3
    on conflict (scope_id, hour, slot) do update set
      mails = h.mails + excluded.mails, high_mails = h.high_mails + excluded.high_mails, held = h.held + excluded.held;
  end if;
  return null;
end
$$;
create trigger limit_usage_summed_in after insert on mailroom.limit_usage
  referencing new table as after_rows for each statement execute function mailroom.sum_limit_hours();
create trigger limit_usage_summed_over after update on mailroom.limit_usage
  referencing old table as before_rows new table as after_rows
  for each statement execute function mailroom.sum_limit_hours();
create trigger limit_usage_summed_out after delete on mailroom.limit_usage
  referencing old table as before_rows for each statement execute function mailroom.sum_limit_hours();

-- A mail that a limit or a person has stopped (backlog), or that a person has taken out for good (suspended). It has no
-- queue entry meanwhile.
create table mailroom.held_messages (
  message_id uuid primary key,
  organization_id uuid not null,
  project_id uuid not null,
  state text not null check (state in ('backlog', 'suspended')),
  reason text not null check (reason in ('day_limit', 'quota', 'recipients_limit', 'flood', 'by_hand')),
  held_at timestamptz not null,
  priority smallint not null,
  category text not null,
  recipient_count integer not null,
  size_bytes integer not null,
  due_at timestamptz not null,
  expires_at timestamptz,
  -- When it was first started, and so counted; it is never counted again.
  counted_at timestamptz,
  -- Limits that a person let it pass: 1 the day's, 2 recipients of a mail.
  overrides smallint not null default 0,
  crash_count smallint not null default 0,
  -- The bulk run that brought it here, for its undo.
  run_id uuid
) with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0);
create index held_messages_held on mailroom.held_messages (project_id, state, held_at, message_id);
create index held_messages_reason on mailroom.held_messages (project_id, state, reason, message_id);
create index held_messages_category on mailroom.held_messages (project_id, state, category, held_at, message_id);
create index held_messages_size on mailroom.held_messages (project_id, state, size_bytes, message_id);
create index held_messages_recipients on mailroom.held_messages (project_id, state, recipient_count, message_id);
create index held_messages_expiry on mailroom.held_messages (project_id, state, expires_at, message_id);
create index held_messages_organization on mailroom.held_messages (organization_id, state, held_at, message_id);
create index held_messages_due_expiry on mailroom.held_messages (expires_at)
  where state = 'backlog' and expires_at is not null;
create index held_messages_run on mailroom.held_messages (run_id) where run_id is not null;

-- How many are held, as changes that sum up: whoever holds or lets go adds a row, a worker folds them together. A hold
-- also counts in the hour of its project and in the limits that it met.
create table mailroom.held_counts (
  id bigint generated always as identity primary key,
  organization_id uuid not null,
  project_id uuid not null,
  state text not null,
  reason text not null,
  mails bigint not null
);
create index held_counts_project on mailroom.held_counts (project_id);
create index held_counts_organization on mailroom.held_counts (organization_id);

create function mailroom.count_held() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- Apart from the workers' slots; a few, so that two accepts seldom wait for each other.
  held_slot smallint := 16 + floor(random() * 4);
begin
  -- Most mails that are accepted are not held, and the statement that accepts them fires this all the same.
  -- Apart: an expression that names after_rows fails where there is no such table, whatever stands before it.
  if tg_op = 'INSERT' then
    if not exists (select from after_rows) then
      return null;
    end if;
  end if;
  if tg_op <> 'DELETE' then
    insert into mailroom.held_counts (organization_id, project_id, state, reason, mails)
    select organization_id, project_id, state, reason, count(*) from after_rows group by 1, 2, 3, 4;
  end if;
  if tg_op = 'INSERT' then
    insert into mailroom.delivery_counters as c (organization_id, project_id, hour, slot, held)
    select organization_id, project_id, date_trunc('hour', mailroom.now()), held_slot, count(*) from after_rows
    group by 1, 2 order by 2
    on conflict (project_id, hour, slot) do update set held = c.held + excluded.held;
    insert into mailroom.limit_usage as u (scope_id, minute, slot, organization_id, held, largest)
    select s.id, date_trunc('minute', mailroom.now()), held_slot, s.organization_id,
      count(*) filter (where a.reason = 'day_limit'), max(a.recipient_count)
    from after_rows a cross join lateral mailroom.limit_scopes_of(a.project_id) s
    where a.reason in ('day_limit', 'recipients_limit')
    group by s.id, s.organization_id order by s.id
    on conflict (scope_id, minute, slot) do update set
      held = u.held + excluded.held, largest = greatest(u.largest, excluded.largest);
  end if;
  if tg_op <> 'INSERT' then
    insert into mailroom.held_counts (organization_id, project_id, state, reason, mails)
    select organization_id, project_id, state, reason, -count(*) from before_rows group by 1, 2, 3, 4;
  end if;
  return null;
end
$$;
create trigger held_messages_counted_in after insert on mailroom.held_messages
  referencing new table as after_rows for each statement execute function mailroom.count_held();
create trigger held_messages_counted_over after update on mailroom.held_messages
  referencing old table as before_rows new table as after_rows for each statement execute function mailroom.count_held();
create trigger held_messages_counted_out after delete on mailroom.held_messages
  referencing old table as before_rows for each statement execute function mailroom.count_held();

-- A resume, a suspend or a return to the backlog of many mails: worked off in chunks, each with its progress in one
-- transaction, so that a worker's death loses and repeats nothing.
create table mailroom.bulk_runs (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  -- Null: over every project of the organization.
  project_id uuid,
  kind text not null check (kind in ('resume', 'suspend', 'return')),
  -- What it works on: {"ids": […]} or {"filter": {…}} over what was held when it began.
  selection jsonb not null,
  overrides smallint not null default 0,
  pace_per_minute integer check (pace_per_minute > 0),
  state text not null default 'running' check (state in ('running', 'done', 'stopped')),
  expected integer not null,
  done integer not null default 0,
  skipped integer not null default 0,
  -- How far it has come.
  position jsonb,
  next_chunk_at timestamptz not null default mailroom.now(),
  created_at timestamptz not null default mailroom.now(),
  actor_kind text not null,
  actor_id uuid,
  actor_label text not null,
  finished_at timestamptz,
  stopped_by text,
  -- The run whose mails this one brings back.
  undo_of uuid references mailroom.bulk_runs (id),
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
) with (fillfactor = 50);
create index bulk_runs_running on mailroom.bulk_runs (next_chunk_at) where state = 'running';
create index bulk_runs_organization on mailroom.bulk_runs (organization_id, id desc);
create index bulk_runs_project on mailroom.bulk_runs (project_id, id desc) where project_id is not null;

alter table mailroom.queue_entries
  add column counted_at timestamptz,
  add column overrides smallint not null default 0;
alter table mailroom.messages
  add column suspended_at timestamptz,
  add column split_of uuid;
create index messages_split_of on mailroom.messages (split_of) where split_of is not null;
alter table mailroom.projects
  -- What its current settings speak; follows settings_version.
  add column protocol text check (protocol in ('smtp', 'ews', 'graph')),
  -- Null takes the organization's choice.
  add column auto_resume boolean,
  add column auto_resume_threshold integer check (auto_resume_threshold > 0),
  -- When auto resume last looked with its box ticked; causes after it are open.
  add column auto_resumed_at timestamptz,
  -- The protocol has changed: what the old one's limits hold is decided again.
  add column redecides_held boolean not null default false;

-- What a project's mail counts in: its own row, and that of the protocol that it speaks.
create function mailroom.limit_scopes_of(wanted_project uuid) returns setof mailroom.limit_scopes
language sql stable
as $$
  select s.* from mailroom.limit_scopes s where s.project_id = wanted_project
  union all
  select s.* from mailroom.projects p join mailroom.limit_scopes s on s.organization_id = p.organization_id
    and s.project_id is null and s.protocol = p.protocol
  where p.id = wanted_project
$$;

create function mailroom.follow_protocol() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  select v.document -> 'connection' ->> 'kind' into new.protocol from mailroom.mail_settings_versions v
  where v.project_id = new.id and v.version = new.settings_version;
  if tg_op = 'UPDATE' and old.protocol is not null and new.protocol is not null and old.protocol <> new.protocol then
    new.redecides_held := true;
  elsif new.protocol is null and tg_op = 'UPDATE' then
    -- Cleared settings speak nothing: the limits of the last protocol hold until there are others.
    new.protocol := old.protocol;
  end if;
  return new;
end
$$;
create trigger projects_follow_protocol before insert or update of settings_version on mailroom.projects
  for each row execute function mailroom.follow_protocol();

create function mailroom.give_organization_limits() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into mailroom.limit_calendars (organization_id, starts_at, kind, time_zone)
  values (new.id, '-infinity', 'calendar', new.time_zone);
  insert into mailroom.limit_policies (organization_id) values (new.id);
  insert into mailroom.limit_scopes (organization_id, protocol)
  values (new.id, 'smtp'), (new.id, 'ews'), (new.id, 'graph');
  return null;
end
$$;
create trigger organizations_have_limits after insert on mailroom.organizations
  for each row execute function mailroom.give_organization_limits();

create function mailroom.give_project_limits() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into mailroom.limit_scopes (organization_id, project_id) values (new.organization_id, new.id);
  return null;
end
$$;
create trigger projects_have_limits after insert on mailroom.projects
  for each row execute function mailroom.give_project_limits();

insert into mailroom.limit_calendars (organization_id, starts_at, kind, time_zone)
select id, '-infinity', 'calendar', time_zone from mailroom.organizations;
insert into mailroom.limit_policies (organization_id) select id from mailroom.organizations;
insert into mailroom.limit_scopes (organization_id, protocol)
select o.id, p.protocol from mailroom.organizations o cross join (values ('smtp'), ('ews'), ('graph')) as p (protocol);
insert into mailroom.limit_scopes (organization_id, project_id) select organization_id, id from mailroom.projects;
update mailroom.projects p set protocol = v.document -> 'connection' ->> 'kind'
from mailroom.mail_settings_versions v where v.project_id = p.id and v.version = p.settings_version;

-- The first instant that has the local time of this one: clocks go back by half an hour, an hour or two.
create function mailroom.first_of_two(instant timestamptz, zone text) returns timestamptz
language sql immutable parallel safe
as $$
  select case instant at time zone zone
    when (instant - interval '2 hours') at time zone zone then instant - interval '2 hours'
    when (instant - interval '1 hour') at time zone zone then instant - interval '1 hour'
    when (instant - interval '30 minutes') at time zone zone then instant - interval '30 minutes'
    else instant end
$$;

-- When the local day of an instant began. Where clocks go back over midnight it comes twice, and the day begins with
-- the first; where they leave it out, with the first instant after it.
create function mailroom.day_start(instant timestamptz, zone text) returns timestamptz
language sql immutable parallel safe
as $$
  select mailroom.first_of_two(date_trunc('day', instant, zone), zone)
$$;

-- The first local midnight at or after an instant.
create function mailroom.midnight_at_or_after(instant timestamptz, zone text) returns timestamptz
language sql immutable parallel safe
as $$
  select case when mailroom.day_start(instant, zone) = instant then instant
    else mailroom.day_start(mailroom.day_start(instant, zone) + interval '36 hours', zone) end
$$;

-- The window that a mail started now counts in: a range of UTC. A rolling window has no end.
create function mailroom.limit_window(
  tenant uuid, out kind text, out time_zone text, out starts_at timestamptz, out ends_at timestamptz
)
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  moment timestamptz := mailroom.now();
  since timestamptz;
  first_end timestamptz;
begin
  select c.kind, c.time_zone, c.starts_at into kind, time_zone, since from mailroom.limit_calendars c
  where c.organization_id = tenant and c.starts_at <= moment order by c.starts_at desc limit 1;
  if kind = 'rolling' then
    starts_at := date_trunc('minute', moment - interval '24 hours');
    return;
  end if;
  if since > '-infinity' then
    first_end := mailroom.midnight_at_or_after(since + interval '24 hours', time_zone);
    if moment < first_end then
      starts_at := since;
      ends_at := first_end;
      return;
    end if;
  end if;
  starts_at := mailroom.day_start(moment, time_zone);
  ends_at := mailroom.day_start(starts_at + interval '36 hours', time_zone);
end
$$;

-- What a scope has used in a window: whole hours, and the minutes at its ends that fill none.
create function mailroom.limit_used(
  wanted_scope uuid, window_start timestamptz, window_end timestamptz, out mails bigint, out high_mails bigint
)
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  ending timestamptz := coalesce(window_end, 'infinity');
  first_hour timestamptz := date_bin('1 hour', window_start + interval '59 minutes 59.999999 seconds', 'epoch');
  -- A window without an end takes every hour that there is.
  last_hour timestamptz := case when window_end is null then 'infinity' else date_bin('1 hour', window_end, 'epoch') end;
  part record;
begin
  select coalesce(sum(h.mails), 0), coalesce(sum(h.high_mails), 0) into mails, high_mails
  from mailroom.limit_usage_hours h
  where h.scope_id = wanted_scope and h.hour >= first_hour and h.hour < last_hour;
  if first_hour > window_start then
    select coalesce(sum(u.mails), 0) as mails, coalesce(sum(u.high_mails), 0) as high_mails into part
    from mailroom.limit_usage u
    where u.scope_id = wanted_scope and u.minute >= window_start and u.minute < least(first_hour, ending);
    mails := mails + part.mails;
    high_mails := high_mails + part.high_mails;
  end if;
  if last_hour < ending then
    select coalesce(sum(u.mails), 0) as mails, coalesce(sum(u.high_mails), 0) as high_mails into part
    from mailroom.limit_usage u
    where u.scope_id = wanted_scope and u.minute >= greatest(last_hour, first_hour) and u.minute < ending;
    mails := mails + part.mails;
    high_mails := high_mails + part.high_mails;
  end if;
end
$$;

-- What is left of the limits that a project's mail meets; null means no limit. Normal mail may not use what is set
-- aside for high priority.
create type mailroom.limit_room as (recipients_per_mail integer, high_left bigint, normal_left bigint);
create function mailroom.limit_room_of(wanted_project uuid) returns mailroom.limit_room
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  room mailroom.limit_room;
  time_window record;
  scope record;
  used record;
  is_window_known boolean := false;
begin
  for scope in
    select s.* from mailroom.limit_scopes_of(wanted_project) s
    where s.mails_per_day is not null or s.recipients_per_mail is not null
  loop
    room.recipients_per_mail := least(room.recipients_per_mail, scope.recipients_per_mail);
    continue when scope.mails_per_day is null;
    if not is_window_known then
      time_window := mailroom.limit_window(scope.organization_id);
      is_window_known := true;
    end if;
    used := mailroom.limit_used(scope.id, time_window.starts_at, time_window.ends_at);
    room.high_left := least(room.high_left, scope.mails_per_day - used.mails);
    room.normal_left := least(
      room.normal_left,
      scope.mails_per_day - used.mails - greatest(scope.high_reserve - used.high_mails, 0)
    );
  end loop;
  return room;
end
$$;

-- Suspended mails stay for ever (PRODUCT 5.7): neither they nor what they hold can be deleted, whoever asks.
create function mailroom.refuse_loss() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'TRUNCATE' then
    raise exception 'mailroom.% holds suspended mails and is never truncated', tg_table_name
      using errcode = 'insufficient_privilege';
  end if;
  if exists (select from mailroom.messages m where m.id = old.message_id and m.suspended_at is not null) then
    raise exception 'a mail that was suspended is never purged' using errcode = 'insufficient_privilege';
  end if;
  return old;
end
$$;
create function mailroom.refuse_suspended_loss() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'a suspended mail is never deleted and only returns to the backlog'
    using errcode = 'insufficient_privilege';
end
$$;
create trigger messages_suspended_stay before delete on mailroom.messages
  for each row when (old.suspended_at is not null) execute function mailroom.refuse_suspended_loss();
create trigger messages_suspended_state before update of state, suspended_at on mailroom.messages
  for each row when (
    (old.state = 'suspended' and new.state not in ('suspended', 'backlog'))
    or (old.suspended_at is not null and new.suspended_at is null)
  ) execute function mailroom.refuse_suspended_loss();
create trigger held_messages_suspended_stay before delete on mailroom.held_messages
  for each row when (old.state = 'suspended') execute function mailroom.refuse_suspended_loss();
do $$
declare
  t text;
begin
  foreach t in array array['recipients', 'contents', 'attempts', 'message_events', 'message_search'] loop
    execute format('create trigger %I before delete on mailroom.%I for each row execute function mailroom.refuse_loss()',
      t || '_suspended_stay', t);
  end loop;
  foreach t in array array['messages', 'held_messages', 'recipients', 'contents', 'attempts', 'message_events', 'message_search'] loop
    execute format('create trigger %I before truncate on mailroom.%I for each statement execute function mailroom.refuse_loss()',
      t || '_no_truncate', t);
  end loop;
end
$$;

-- As before, and: a mail that is due and finds the window spent, or has too many recipients, is backlog at once
-- (PRODUCT 5.4). "holdReason" is a reason that the caller has found itself; "isExempt" says that nothing of the mail
-- will leave, so that it meets no limit. "parts" are the envelopes of a mail that is split, the first under the mail's
-- own id; "largest" is how many recipients the largest has. Who went by another choice of the organization, or another
-- limit, than there is by now is told "stale".
create or replace function mailroom.accept_messages(
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
  room mailroom.limit_room;
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
    room := mailroom.limit_room_of(wanted_project);
    if room.recipients_per_mail is not null and exists (
      select from json_to_recordset(mails) as m (
        recipients integer, largest integer, "isExempt" boolean, "recipientsPolicy" text, "holdReason" text
      ), mailroom.limit_policies p
      where p.organization_id = tenant and m.recipients > room.recipients_per_mail and not m."isExempt"
        and (m."recipientsPolicy" <> p.recipients_policy or (p.recipients_policy <> 'hold'
          and m.largest > room.recipients_per_mail and m."holdReason" is null))
    ) then
      return '{"refused": "stale"}';
    end if;
  end if;

  with given as materialized (
    select m.*,
      case
        when m."holdReason" <> 'recipients_limit' then m."holdReason"
        when m."isExempt" then null
        when coalesce(m.largest, cardinality(m.addresses)) > room.recipients_per_mail then 'recipients_limit'
        when m."sendAt" > moment then null
        when case when m.priority = 0 then room.high_left else room.normal_left end <= 0 then 'day_limit'
      end as hold_reason
    from json_to_recordset(mails) as m (
      "index" integer, id uuid, key text, fingerprint text, category text, "newCategory" boolean, priority smallint,
      "sendAt" timestamptz, "expiresAt" timestamptz, subject text, "fromAddress" text, "envelopeFrom" text,
      "messageId" text, "sizeBytes" integer, "resendOf" uuid, tags text[], metadata jsonb, headers text,
      "searchSubject" text, "filledHeaders" text[], addresses text[], kinds text[], "holdReason" text,
      "isExempt" boolean, recipients integer, largest integer, parts json
    )
    where m.key is null or m.key <> all (replayed)
  ), mail as materialized (
    select g.*,
      jsonb_build_object(
        'id', g.id, 'messageId', g."messageId",
        'state', case when g.hold_reason is null then 'queued' else 'backlog' end, 'acceptedAt', moment,
        'recipients', coalesce(g.recipients, cardinality(g.addresses)), 'envelopes', coalesce(json_array_length(g.parts), 1), 'held', g.hold_reason,
        'waiting', case when g.hold_reason is null
          then coalesce(waiting, case when g."sendAt" > moment then '"send_at"'::jsonb end) end
      ) as response
    from given g
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
  ), envelope as materialized (
    select f.id as envelope_id, null::uuid as split_of, f.addresses as to_addresses, f.kinds as to_kinds, f.*
    from fresh f where f.parts is null
    union all
    select p.id, nullif(f.id, p.id), p.addresses, p.kinds, f.*
    from fresh f cross join lateral json_to_recordset(f.parts) as p (id uuid, addresses text[], kinds text[])
  ), put_category as (
    insert into mailroom.categories (organization_id, name)
    select distinct tenant, category from fresh where "newCategory" order by category
    on conflict do nothing
  ), put_message as (
    insert into mailroom.messages (
      id, organization_id, project_id, api_key_id, source, category, priority, state, state_reason, state_at,
      accepted_at, send_at, expires_at, subject, from_address, envelope_from, internet_message_id, first_recipient,
      recipient_count, size_bytes, resend_of, split_of, tags, metadata
    )
    select envelope_id, tenant, wanted_project, used_key, mail_source, category, priority,
      case when hold_reason is null then 'queued' else 'backlog' end, hold_reason, moment, moment, "sendAt",
      "expiresAt", subject, "fromAddress", "envelopeFrom", "messageId", to_addresses[1], cardinality(to_addresses),
      "sizeBytes", "resendOf", split_of, tags, metadata
    from envelope
  ), put_search as (
    insert into mailroom.message_search (message_id, organization_id, project_id, internet_message_id, subject, tags, metadata)
    select envelope_id, tenant, wanted_project, "messageId", to_tsvector('simple', "searchSubject"), tags, metadata
    from envelope
  ), put_recipients as (
    insert into mailroom.recipients (message_id, position, organization_id, project_id, address, kind, state)
    select m.envelope_id, r.position - 1, tenant, wanted_project, r.address, r.kind, 'pending'
    from envelope m
    cross join lateral unnest(m.to_addresses, m.to_kinds) with ordinality as r (address, kind, position)
  ), put_content as (
    insert into mailroom.contents (message_id, part, organization_id, headers, filled_headers, bytes)
    select envelope_id, 0, tenant, headers, "filledHeaders", convert_to(bodies["index" + 1], 'UTF8') from envelope
  ), put_queue as (
    insert into mailroom.queue_entries (message_id, organization_id, project_id, priority, due_at, expires_at)
    select envelope_id, tenant, wanted_project, priority, greatest("sendAt", moment), "expiresAt" from envelope
    where hold_reason is null
  ), put_held as (
    insert into mailroom.held_messages (message_id, organization_id, project_id, state, reason, held_at, priority,
      category, recipient_count, size_bytes, due_at, expires_at)
    select envelope_id, tenant, wanted_project, 'backlog', hold_reason, moment, priority, category,
      cardinality(to_addresses), "sizeBytes", greatest("sendAt", moment), "expiresAt"
    from envelope where hold_reason is not null
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

do $$
declare
  t text;
begin
  foreach t in array array['limit_calendars', 'limit_policies', 'limit_scopes', 'limit_usage', 'limit_usage_hours', 'held_messages', 'held_counts', 'bulk_runs']
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

grant select, insert, update, delete on mailroom.limit_calendars, mailroom.held_messages to mailroom_app;
grant select, update on mailroom.limit_policies, mailroom.limit_scopes to mailroom_app;
grant select, insert, update on mailroom.limit_usage, mailroom.bulk_runs to mailroom_app;
grant select on mailroom.held_counts, mailroom.limit_usage_hours to mailroom_app;

grant select on mailroom.limit_calendars, mailroom.limit_policies to mailroom_worker;
-- Update, so that it can lock what it counts in.
grant select, update on mailroom.limit_scopes, mailroom.bulk_runs to mailroom_worker;
grant select, insert, update, delete on mailroom.limit_usage, mailroom.held_messages to mailroom_worker;
-- Delete, so that it can forget old ones.
grant select, delete on mailroom.limit_usage_hours to mailroom_worker;
grant select, insert, delete on mailroom.held_counts to mailroom_worker;

revoke execute on all functions in schema mailroom from public;
grant execute on function
  mailroom.first_of_two(timestamptz, text), mailroom.day_start(timestamptz, text),
  mailroom.midnight_at_or_after(timestamptz, text),
  mailroom.limit_window(uuid), mailroom.limit_scopes_of(uuid),
  mailroom.limit_used(uuid, timestamptz, timestamptz), mailroom.limit_room_of(uuid)
  to mailroom_app, mailroom_worker;
