-- A batch marks and settles whole pages of rows at a time. Only where the page has room for every new version at once
-- do the indexes stay as they are; without, each changed recipient cost two index entries on pages all over the table.
alter table mailroom.recipients set (fillfactor = 50);
alter table mailroom.queue_entries set (fillfactor = 45);

-- Locks what the mails of these projects count in until the caller's transaction ends, and answers what is used by
-- then, each read after its lock. In the order of ids, so that two callers never wait for each other. A limit that comes
-- or goes meanwhile is left out: whoever counts in it asks again. `moment` is when the mails count.
create function mailroom.lock_limits(wanted_projects uuid[])
returns table (
  scope_id uuid, organization_id uuid, project_id uuid, protocol text, mails_per_day integer, high_reserve integer,
  mails bigint, high_mails bigint, moment text
)
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  scope record;
  locked mailroom.limit_scopes;
  used record;
begin
  moment := mailroom.now()::text;
  for scope in
    select distinct on (s.id) s.id, s.mails_per_day is not null as is_limited
    from unnest(wanted_projects) as w (id) cross join lateral mailroom.limit_scopes_of(w.id) s order by s.id
  loop
    -- Two workers may count at once where nothing limits them; a limit that is being saved waits for both.
    if scope.is_limited then
      select s.* into locked from mailroom.limit_scopes s
      where s.id = scope.id and s.mails_per_day is not null for no key update;
    else
      select s.* into locked from mailroom.limit_scopes s
      where s.id = scope.id and s.mails_per_day is null for share;
    end if;
    continue when not found;
    scope_id := locked.id;
    organization_id := locked.organization_id;
    project_id := locked.project_id;
    protocol := locked.protocol;
    mails_per_day := locked.mails_per_day;
    high_reserve := locked.high_reserve;
    mails := null;
    high_mails := null;
    if scope.is_limited then
      select u.mails, u.high_mails into used from mailroom.limit_window(locked.organization_id) w
      cross join lateral mailroom.limit_used(locked.id, w.starts_at, w.ends_at) u;
      mails := used.mails;
      high_mails := used.high_mails;
    end if;
    return next;
  end loop;
end
$$;
revoke execute on function mailroom.lock_limits(uuid[]) from public;
grant execute on function mailroom.lock_limits(uuid[]) to mailroom_worker;
