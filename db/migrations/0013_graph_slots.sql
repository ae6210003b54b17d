-- Turns at mailboxes that take few requests at a time (PRODUCT 4.6, 2.13): over all organizations, workers and portals.
-- The key is a keyed hash, so that nothing here says whose mailbox it is.
create table mailroom.graph_slots (
  key bytea not null check (length(key) = 32),
  number smallint not null check (number between 1 and 4),
  -- Who took the turn; a new one each time, so that a late hand cannot give back what another one holds.
  holder uuid,
  -- The longest that its request can take: a turn whose holder died is taken again after that, not before.
  held_until timestamptz not null default 'epoch',
  -- A process that found nothing free: whoever holds this turn lets it go instead of using it again.
  wanted_by uuid,
  wanted_until timestamptz not null default 'epoch',
  primary key (key, number)
) with (fillfactor = 50);

-- The number of a turn that was free, or null; then one is wanted for this process for a second.
create function mailroom.take_graph_slot(p_key bytea, p_holder uuid, p_process uuid, p_hold_ms integer) returns smallint
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  taken smallint;
begin
  for attempt in 1..2 loop
    update mailroom.graph_slots s
    set holder = p_holder, held_until = mailroom.now() + p_hold_ms * interval '1 millisecond',
        wanted_by = null, wanted_until = 'epoch'
    from (
      select number from mailroom.graph_slots
      where key = p_key and held_until <= mailroom.now()
        and (wanted_until <= mailroom.now() or wanted_by = p_process)
      order by number limit 1 for update skip locked
    ) free
    where s.key = p_key and s.number = free.number
    returning s.number into taken;
    if taken is not null then return taken; end if;
    exit when attempt = 2 or exists (select from mailroom.graph_slots where key = p_key);
    insert into mailroom.graph_slots (key, number) select p_key, n from generate_series(1, 4) n on conflict do nothing;
  end loop;
  update mailroom.graph_slots s
  set wanted_by = p_process, wanted_until = mailroom.now() + interval '1 second'
  from (
    select number from mailroom.graph_slots
    where key = p_key and (wanted_until <= mailroom.now() or wanted_by = p_process)
    order by wanted_by = p_process desc nulls last, held_until limit 1 for update skip locked
  ) soon
  where s.key = p_key and s.number = soon.number;
  return null;
end
$$;

-- Prolongs a turn that its process uses again. False where it has run out, or where another process wants it: then it
-- keeps its time, which covers the use that has begun, and is freed after it.
create function mailroom.keep_graph_slot(
  p_key bytea, p_number smallint, p_holder uuid, p_process uuid, p_hold_ms integer
) returns boolean
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  with kept as (
    update mailroom.graph_slots
    set held_until = mailroom.now() + p_hold_ms * interval '1 millisecond'
    where key = p_key and number = p_number and holder = p_holder and held_until > mailroom.now()
      and (wanted_until <= mailroom.now() or wanted_by = p_process)
    returning true
  )
  select exists (select from kept)
$$;

create function mailroom.free_graph_slot(p_key bytea, p_number smallint, p_holder uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update mailroom.graph_slots set held_until = 'epoch', holder = null
  where key = p_key and number = p_number and holder = p_holder
$$;

alter table mailroom.graph_slots enable row level security;
alter table mailroom.graph_slots force row level security;
do $$
begin
  execute format('create policy owner_all on mailroom.graph_slots to %I using (true) with check (true)', current_user);
end
$$;

revoke execute on all functions in schema mailroom from public;
grant execute on function
  mailroom.take_graph_slot(bytea, uuid, uuid, integer),
  mailroom.keep_graph_slot(bytea, smallint, uuid, uuid, integer),
  mailroom.free_graph_slot(bytea, smallint, uuid)
  to mailroom_app, mailroom_worker;
