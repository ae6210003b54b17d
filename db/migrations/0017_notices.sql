-- Notices of Mailroom's own (PRODUCT 8): written in the transaction of what they tell of, mailed by a worker.
create table mailroom.notices (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  -- What it is about, which need not be the project that sends it.
  project_id uuid not null,
  kind text not null,
  facts jsonb not null,
  announced_at timestamptz not null default mailroom.now(),
  -- After it nobody is told any more; the mail ends with it too.
  expires_at timestamptz not null,
  settled_at timestamptz,
  outcome text check (outcome in ('mailed', 'untold')),
  -- The mail that told of it, in the project that sent it.
  message_id uuid,
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id),
  check ((settled_at is null) = (outcome is null)),
  check ((message_id is not null) = (outcome is not distinct from 'mailed'))
) with (fillfactor = 70);
create index notices_open on mailroom.notices (organization_id, id) where settled_at is null;
create index notices_project on mailroom.notices (project_id, kind, announced_at);

-- The project whose mail server sends them; null: they are only shown.
alter table mailroom.organizations
  add column notice_project_id uuid,
  add foreign key (notice_project_id, id) references mailroom.projects (id, organization_id);

alter table mailroom.notices enable row level security;
alter table mailroom.notices force row level security;
do $$
begin
  execute format('create policy owner_all on mailroom.notices to %I using (true) with check (true)', current_user);
end
$$;
create policy tenant on mailroom.notices to mailroom_app
  using (organization_id = (select mailroom.current_organization()))
  with check (organization_id = (select mailroom.current_organization()));
create policy worker_all on mailroom.notices to mailroom_worker using (true) with check (true);
grant select, insert, update on mailroom.notices to mailroom_app;
-- Delete, so that it can forget old ones.
grant select, insert, update, delete on mailroom.notices to mailroom_worker;
