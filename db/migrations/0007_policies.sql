-- Row-level security on every table, forced, so that even the owner of the tables needs a policy.
do $$
declare
  t record;
  tenant_tables text[] := array[
    'projects', 'lanes', 'mail_settings_versions', 'secrets', 'api_keys', 'categories', 'messages', 'message_search',
    'recipients', 'message_events', 'contents', 'attempts', 'idempotency_keys', 'queue_entries', 'delivery_counters',
    'audit_entries', 'memberships'
  ];
  worker_tables text[] := array[
    'organizations', 'projects', 'lanes', 'mail_settings_versions', 'secrets', 'api_keys', 'messages', 'message_search', 'recipients',
    'message_events', 'contents', 'attempts', 'idempotency_keys', 'queue_entries', 'delivery_counters', 'audit_entries',
    'workers', 'installation'
  ];
begin
  for t in
    select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'mailroom' and c.relkind in ('r', 'p')
  loop
    execute format('alter table mailroom.%I enable row level security', t.relname);
    execute format('alter table mailroom.%I force row level security', t.relname);
    execute format('create policy owner_all on mailroom.%I to %I using (true) with check (true)', t.relname, current_user);
    if t.relname = any (tenant_tables) then
      execute format(
        'create policy tenant on mailroom.%I to mailroom_app
           using (organization_id = (select mailroom.current_organization()))
           with check (organization_id = (select mailroom.current_organization()))', t.relname);
    end if;
    if t.relname = any (worker_tables) then
      execute format('create policy worker_all on mailroom.%I to mailroom_worker using (true) with check (true)', t.relname);
    end if;
  end loop;
end
$$;

create policy tenant on mailroom.organizations to mailroom_app
  using (id = (select mailroom.current_organization()));
create policy tenant on mailroom.users for select to mailroom_app
  using (
    id = (select mailroom.current_user_id())
    or exists (select from mailroom.memberships m where m.user_id = users.id)
  );
create policy own on mailroom.users for update to mailroom_app
  using (id = (select mailroom.current_user_id())) with check (id = (select mailroom.current_user_id()));
create policy own on mailroom.sessions to mailroom_app
  using (user_id = (select mailroom.current_user_id())) with check (user_id = (select mailroom.current_user_id()));
create policy read on mailroom.workers for select to mailroom_app using (true);
create policy read on mailroom.installation for select to mailroom_app using (true);

grant select, update on mailroom.organizations to mailroom_app;
-- Hashes of passwords are written here and read by the look-ups for sign-in and for one's own alone.
grant select (id, email, name, created_at, disabled_at), update (name, password_hash) on mailroom.users to mailroom_app;
grant select, update (revoked_at) on mailroom.sessions to mailroom_app;
grant select, insert, update on
  mailroom.memberships, mailroom.projects, mailroom.lanes, mailroom.secrets, mailroom.api_keys, mailroom.categories,
  mailroom.messages, mailroom.recipients, mailroom.queue_entries
  to mailroom_app;
grant delete on mailroom.queue_entries to mailroom_app;
grant select, insert on
  mailroom.mail_settings_versions, mailroom.message_search, mailroom.message_events, mailroom.contents,
  mailroom.attempts, mailroom.audit_entries
  to mailroom_app;
grant select, insert, update, delete on mailroom.idempotency_keys to mailroom_app;
grant select, insert, update on mailroom.delivery_counters to mailroom_app;
grant select on mailroom.workers, mailroom.installation to mailroom_app;

grant select on mailroom.organizations, mailroom.mail_settings_versions, mailroom.contents, mailroom.api_keys to mailroom_worker;
grant select, update on mailroom.projects, mailroom.lanes, mailroom.secrets, mailroom.messages, mailroom.recipients to mailroom_worker;
grant insert on mailroom.mail_settings_versions to mailroom_worker;
grant select, insert, update, delete on mailroom.queue_entries to mailroom_worker;
grant select, insert on mailroom.attempts, mailroom.message_events, mailroom.audit_entries to mailroom_worker;
grant select, delete on mailroom.idempotency_keys to mailroom_worker;
grant select, insert, update on mailroom.delivery_counters, mailroom.workers, mailroom.installation to mailroom_worker;

revoke execute on all functions in schema mailroom from public;
grant execute on all functions in schema mailroom to mailroom_app;
grant execute on function
  mailroom.now(), mailroom.current_organization(), mailroom.current_user_id(), mailroom.first_id_at(timestamptz),
  mailroom.ensure_partitions(), mailroom.wake_lane(uuid), mailroom.refuse_change()
  to mailroom_worker;
revoke execute on function mailroom.ensure_partitions() from mailroom_app;

select mailroom.ensure_partitions();
