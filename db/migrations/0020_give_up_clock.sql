-- The give-up clock of PRODUCT 4.4: the time in which a mail could be tried. waited_ms is what it shows without the wait
-- that is running; that wait counts from waited_from, without the time in which its project could send nothing.
alter table mailroom.messages
  add column waited_from timestamptz,
  -- What mailroom.halted_ms said of its project at that moment.
  add column halted_from_ms bigint;

-- For how long each project could send nothing: paused, archived, not set up, or its lane stopped or waiting. A project
-- without a row never was.
create table mailroom.sending_halts (
  project_id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  halted_ms bigint not null default 0,
  -- Null: it can send.
  halted_since timestamptz,
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
) with (fillfactor = 50);

-- How long the project has been halted since ever, the running halt included; only its differences mean something.
create function mailroom.halted_ms(project uuid) returns bigint
language sql stable parallel safe
as $$
  select coalesce((
    select h.halted_ms + coalesce(greatest(0, extract(epoch from mailroom.now() - h.halted_since) * 1000)::bigint, 0)
    from mailroom.sending_halts h where h.project_id = project
  ), 0)
$$;

-- What a mail's clock shows. The wait counts up to the time when the mail was due: beyond it waits for its turn, its
-- pool or a worker. So neither a halt nor a clock that is set forward runs it further than was planned.
create function mailroom.tried_ms(
  waited_ms bigint, waited_from timestamptz, halted_from_ms bigint, due_at timestamptz, project uuid
) returns bigint
language sql stable parallel safe
as $$
  select case when waited_from is null then waited_ms else waited_ms + greatest(0, least(
    extract(epoch from due_at - waited_from) * 1000,
    extract(epoch from mailroom.now() - waited_from) * 1000 - (mailroom.halted_ms(project) - coalesce(halted_from_ms, 0))
  ))::bigint end
$$;

-- Opens or closes the halts of these projects by what holds now. Each row is locked before anything is read: of two
-- changes that meet, the later sees the earlier.
create function mailroom.note_halts(changed uuid[]) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  changed_id uuid;
  can_send boolean;
  since timestamptz;
begin
  for changed_id in select distinct unnest(changed) order by 1 loop
    insert into mailroom.sending_halts (project_id, organization_id)
    select p.id, p.organization_id from mailroom.projects p where p.id = changed_id
    on conflict do nothing;
    select h.halted_since into since from mailroom.sending_halts h where h.project_id = changed_id for update;
    select p.paused_at is null and p.archived_at is null and p.settings_version is not null
      and l.stopped_at is null and l.wait_kind is null
      and not exists (select from mailroom.installation i where i.sending_stopped_at is not null)
    into can_send
    from mailroom.projects p join mailroom.lanes l on l.id = p.lane_id where p.id = changed_id;
    if can_send and since is not null then
      update mailroom.sending_halts h set halted_ms = mailroom.halted_ms(changed_id), halted_since = null
      where h.project_id = changed_id;
    elsif not can_send and since is null then
      update mailroom.sending_halts h set halted_since = mailroom.now() where h.project_id = changed_id;
    end if;
  end loop;
end
$$;

create function mailroom.note_project_halt() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$ begin perform mailroom.note_halts(array[new.id]); return null; end $$;

create function mailroom.note_lane_halt() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform mailroom.note_halts(array(select p.id from mailroom.projects p where p.lane_id = new.id));
  return null;
end
$$;

create function mailroom.note_fleet_halt() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$ begin perform mailroom.note_halts(array(select p.id from mailroom.projects p)); return null; end $$;

-- At commit, when every other lock is held: in mid-transaction two of them could wait for each other.
create constraint trigger projects_halt after update on mailroom.projects deferrable initially deferred
  for each row when (
    (old.paused_at is null) <> (new.paused_at is null) or (old.archived_at is null) <> (new.archived_at is null)
    or (old.settings_version is null) <> (new.settings_version is null) or old.lane_id <> new.lane_id
  ) execute function mailroom.note_project_halt();
create constraint trigger lanes_halt after update on mailroom.lanes deferrable initially deferred
  for each row when (
    (old.stopped_at is null) <> (new.stopped_at is null) or (old.wait_kind is null) <> (new.wait_kind is null)
  ) execute function mailroom.note_lane_halt();
create constraint trigger installation_halt after update on mailroom.installation deferrable initially deferred
  for each row when ((old.sending_stopped_at is null) <> (new.sending_stopped_at is null))
  execute function mailroom.note_fleet_halt();

-- The backlog stops a mail's clock where it stands; whoever lets the mail go starts it again.
create function mailroom.hold_give_up_clock() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  if new.state = 'backlog' then
    new.waited_ms := mailroom.tried_ms(
      old.waited_ms, old.waited_from, old.halted_from_ms, coalesce(old.next_attempt_at, mailroom.now()), old.project_id);
    new.waited_from := null;
    new.halted_from_ms := null;
  else
    new.waited_from := mailroom.now();
    new.halted_from_ms := mailroom.halted_ms(new.project_id);
  end if;
  return new;
end
$$;
create trigger messages_hold_clock before update of state on mailroom.messages
  for each row when (
    (new.state = 'backlog' and old.waited_from is not null) or (old.state = 'backlog' and new.state = 'retrying')
  ) execute function mailroom.hold_give_up_clock();

alter table mailroom.sending_halts enable row level security;
alter table mailroom.sending_halts force row level security;
do $$
begin
  execute format('create policy owner_all on mailroom.sending_halts to %I using (true) with check (true)', current_user);
end
$$;
create policy tenant on mailroom.sending_halts to mailroom_app
  using (organization_id = (select mailroom.current_organization()))
  with check (organization_id = (select mailroom.current_organization()));
create policy worker_all on mailroom.sending_halts to mailroom_worker using (true) with check (true);
grant select on mailroom.sending_halts to mailroom_app, mailroom_worker;

-- What is halted when this is installed.
select mailroom.note_halts(array(select p.id from mailroom.projects p));

-- Actions on all messages that match, beside those on held ones.
alter table mailroom.bulk_runs drop constraint bulk_runs_kind_check, add constraint bulk_runs_kind_check check (kind in (
  'resume', 'suspend', 'return', 'try_now', 'cancel', 'release', 'resend', 'mark_sent', 'mark_failed', 'send_again'
));

revoke execute on all functions in schema mailroom from public;
grant execute on function
  mailroom.halted_ms(uuid), mailroom.tried_ms(bigint, timestamptz, bigint, timestamptz, uuid),
  mailroom.hold_give_up_clock()
  to mailroom_app, mailroom_worker;
