-- The schema, its roles, and the three functions that every policy and query relies on.
create schema if not exists mailroom;

-- Roles belong to the cluster, so another database of the same cluster may have made them already.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['mailroom_app', 'mailroom_worker'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin nosuperuser nobypassrls', wanted);
      exception when duplicate_object or unique_violation then
        null;
      end;
    end if;
    if not pg_has_role(current_user, wanted, 'member') or not exists (
      select from pg_auth_members m
      join pg_roles r on r.oid = m.roleid
      join pg_roles u on u.oid = m.member
      where r.rolname = wanted and u.rolname = current_user
    ) then
      begin
        execute format('grant %I to %I', wanted, current_user);
      exception when unique_violation then
        null;
      end;
    end if;
  end loop;
end
$$;

grant usage on schema mailroom to mailroom_app, mailroom_worker;

-- The only clock that SQL reads. A test shifts it with "alter database … set mailroom.clock_offset".
create function mailroom.now() returns timestamptz
language sql stable parallel safe
as $$ select statement_timestamp() + coalesce(nullif(current_setting('mailroom.clock_offset', true), ''), '0')::interval $$;

create function mailroom.current_organization() returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('mailroom.organization_id', true), '')::uuid $$;

create function mailroom.current_user_id() returns uuid
language sql stable parallel safe
as $$ select nullif(current_setting('mailroom.user_id', true), '')::uuid $$;
