-- What the fleet page shows of each worker beside its beats: how fast it sends, and how much of the schema it knows.
alter table mailroom.workers
  add column sent_per_second real not null default 0,
  -- Number of the newest migration that its code brings; null: a worker older than this column.
  add column schema_number integer;

-- Which code may still work here: a migration that takes away what older code needs raises it to the number that code
-- must know. Older workers then end and do not start; without that they go on, as every migration is safe under them.
alter table mailroom.installation add column oldest_schema integer not null default 0;

-- Mails sent by each worker in each minute, for the chart of the last hour. Kept for a day.
create table mailroom.fleet_minutes (
  minute timestamptz not null,
  worker_id uuid not null,
  sent integer not null default 0,
  primary key (minute, worker_id)
) with (fillfactor = 50);

alter table mailroom.fleet_minutes enable row level security;
alter table mailroom.fleet_minutes force row level security;
do $$
begin
  execute format('create policy owner_all on mailroom.fleet_minutes to %I using (true) with check (true)', current_user);
end
$$;
create policy worker_all on mailroom.fleet_minutes to mailroom_worker using (true) with check (true);
create policy read on mailroom.fleet_minutes for select to mailroom_app using (true);
grant select, insert, update, delete on mailroom.fleet_minutes to mailroom_worker;
grant select on mailroom.fleet_minutes to mailroom_app;
-- Workers of long ago are forgotten.
grant delete on mailroom.workers to mailroom_worker;
