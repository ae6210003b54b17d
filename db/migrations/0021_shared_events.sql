-- What happened to many messages at once, as a resume or a hold of a whole queue, is written once; each message
-- remembers the ids of what it shares. A row of its own for each would cost more than moving it.
create table mailroom.shared_events (
  id uuid primary key,
  organization_id uuid not null,
  project_id uuid not null,
  at timestamptz not null default mailroom.now(),
  kind text not null,
  actor_label text not null,
  detail jsonb not null default '{}'
);
alter table mailroom.messages add column shared_event_ids uuid[];
-- Since when a suspended mail had waited in the backlog: an undo puts it back there.
alter table mailroom.held_messages add column waited_since timestamptz;

-- They are the history of suspended mails too, which nothing purges (PRODUCT 5.7).
create trigger shared_events_stay before update or delete or truncate on mailroom.shared_events
  for each statement execute function mailroom.refuse_change();

alter table mailroom.shared_events enable row level security;
alter table mailroom.shared_events force row level security;
do $$
begin
  execute format('create policy owner_all on mailroom.shared_events to %I using (true) with check (true)', current_user);
end
$$;
create policy tenant on mailroom.shared_events to mailroom_app
  using (organization_id = (select mailroom.current_organization()))
  with check (organization_id = (select mailroom.current_organization()));
create policy worker_all on mailroom.shared_events to mailroom_worker using (true) with check (true);
grant select, insert on mailroom.shared_events to mailroom_app, mailroom_worker;
