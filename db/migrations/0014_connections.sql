-- What a protocol could not carry as it was (PRODUCT 4.9), as the transport told it.
alter table mailroom.attempts add column changes jsonb;

-- A look for a doubtful mail says nothing where other mails carry the same Message-ID.
grant select (message_id, organization_id, internet_message_id) on mailroom.message_search to mailroom_worker;

-- The last proof of each project's connection, made once a day without sending (PRODUCT 2.19).
create table mailroom.connection_proofs (
  project_id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  -- When the next one is made; whoever makes it holds it until then.
  due_at timestamptz not null,
  taken_until timestamptz,
  -- The settings that it was made by. Null before the first one has ended.
  settings_version integer,
  proved_at timestamptz,
  ok boolean,
  proof jsonb,
  last_ok_at timestamptz,
  last_failed_at timestamptz,
  failure_code text,
  failure_reply text,
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
) with (fillfactor = 70);
create index connection_proofs_organization on mailroom.connection_proofs (organization_id);
create index connection_proofs_due on mailroom.connection_proofs (due_at);

alter table mailroom.connection_proofs enable row level security;
alter table mailroom.connection_proofs force row level security;
do $$
begin
  execute format('create policy owner_all on mailroom.connection_proofs to %I using (true) with check (true)', current_user);
end
$$;
create policy tenant on mailroom.connection_proofs to mailroom_app
  using (organization_id = (select mailroom.current_organization()))
  with check (organization_id = (select mailroom.current_organization()));
create policy worker_all on mailroom.connection_proofs to mailroom_worker using (true) with check (true);
grant select, insert, update on mailroom.connection_proofs to mailroom_app, mailroom_worker;
