create table mailroom.audit_entries (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  project_id uuid,
  at timestamptz not null default mailroom.now(),
  actor_kind text not null check (actor_kind in ('user', 'key', 'operator', 'system')),
  actor_id uuid,
  actor_label text not null,
  source_ip text,
  user_agent text,
  -- What happened, as noun and verb: "mail_settings.saved".
  action text not null,
  object_kind text not null,
  object_id text,
  object_label text,
  detail jsonb not null default '{}'
);
create index audit_entries_organization on mailroom.audit_entries (organization_id, id desc);
create index audit_entries_project on mailroom.audit_entries (project_id, id desc) where project_id is not null;

create function mailroom.refuse_change() returns trigger
language plpgsql
as $$
begin
  raise exception 'rows of mailroom.% are append-only', tg_table_name using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_entries_append_only before update or delete on mailroom.audit_entries
  for each row execute function mailroom.refuse_change();
create trigger audit_entries_no_truncate before truncate on mailroom.audit_entries
  for each statement execute function mailroom.refuse_change();
create trigger mail_settings_versions_append_only before update or delete on mailroom.mail_settings_versions
  for each row execute function mailroom.refuse_change();
create trigger mail_settings_versions_no_truncate before truncate on mailroom.mail_settings_versions
  for each statement execute function mailroom.refuse_change();
