-- What Microsoft counts the requests of a project by (PRODUCT 2.13), as keyed hashes: the same for the same client ID
-- and mailbox in whichever organization, and nothing that could be read back. A row says which settings it was made
-- from; the key is not known here, so rows of older settings are filled by the next save or the worker.
create table mailroom.throttles (
  project_id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  settings_version integer not null,
  client_key bytea not null check (length(client_key) = 32),
  mailbox_key bytea not null check (length(mailbox_key) = 32),
  -- Counted by the client ID alone, so together with every mailbox of it.
  counts_by_client boolean not null,
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
);
create index throttles_client on mailroom.throttles (client_key);

alter table mailroom.throttles enable row level security;
alter table mailroom.throttles force row level security;
do $$
begin
  execute format('create policy owner_all on mailroom.throttles to %I using (true) with check (true)', current_user);
end
$$;
create policy tenant on mailroom.throttles to mailroom_app
  using (organization_id = (select mailroom.current_organization()))
  with check (organization_id = (select mailroom.current_organization()));
create policy worker_all on mailroom.throttles to mailroom_worker using (true) with check (true);
grant select, insert, update, delete on mailroom.throttles to mailroom_app, mailroom_worker;

-- Whether a project of another organization shares that throttle: yes or no, and nothing else about it.
create function mailroom.is_throttle_shared_elsewhere(p_client_key bytea, p_mailbox_key bytea, p_counts_by_client boolean)
returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select 1 from mailroom.throttles t
    join mailroom.projects p on p.id = t.project_id and p.settings_version = t.settings_version and p.archived_at is null
    join mailroom.organizations o on o.id = t.organization_id and o.archived_at is null
    where t.client_key = p_client_key
      and (p_counts_by_client or t.counts_by_client or t.mailbox_key = p_mailbox_key)
      and t.organization_id <> mailroom.current_organization()
  )
$$;
revoke execute on function mailroom.is_throttle_shared_elsewhere(bytea, bytea, boolean) from public;
grant execute on function mailroom.is_throttle_shared_elsewhere(bytea, bytea, boolean) to mailroom_app;
