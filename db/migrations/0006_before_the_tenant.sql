-- Look-ups that come before the tenant is known. Each answers for exactly one secret that the caller must hold.

create function mailroom.find_user_for_sign_in(wanted_email text)
returns table (id uuid, name text, email text, password_hash text, memberships jsonb)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select u.id, u.name, u.email, u.password_hash, coalesce((
    select jsonb_agg(jsonb_build_object(
      'organizationId', m.organization_id, 'role', m.role, 'projectIds', m.project_ids
    ))
    from mailroom.memberships m join mailroom.organizations o on o.id = m.organization_id
    where m.user_id = u.id and o.archived_at is null
  ), '[]'::jsonb)
  from mailroom.users u
  where u.email = lower(wanted_email) and u.disabled_at is null
$$;

-- The hash of the acting person's own password, to be compared before it is changed.
create function mailroom.own_password_hash() returns text
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select u.password_hash from mailroom.users u where u.id = mailroom.current_user_id() and u.disabled_at is null $$;

-- Counts a sign-in before its password is looked at, so that a burst of guesses cannot pass the limit together, and
-- answers with the count in the running window of 15 minutes. A success takes its own count back.
create function mailroom.count_sign_in(counted_subject text) returns integer
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  -- Now and then, what nobody asks about any more goes away.
  delete from mailroom.sign_in_throttle
  where random() < 0.01 and window_started_at < mailroom.now() - interval '1 day';
  insert into mailroom.sign_in_throttle as t (subject, window_started_at, failures)
  values (counted_subject, mailroom.now(), 1)
  on conflict (subject) do update set
    failures = case when t.window_started_at > mailroom.now() - interval '15 minutes' then t.failures + 1 else 1 end,
    window_started_at = case when t.window_started_at > mailroom.now() - interval '15 minutes'
      then t.window_started_at else mailroom.now() end
  returning failures
$$;

create function mailroom.forgive_sign_in(forgiven_subject text) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update mailroom.sign_in_throttle set failures = greatest(failures - 1, 0) where subject = forgiven_subject
$$;

create function mailroom.open_session(new_id uuid, for_user uuid, from_ip text, agent text, lifetime interval)
returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  insert into mailroom.sessions (id, user_id, expires_at, source_ip, user_agent)
  values (new_id, for_user, mailroom.now() + lifetime, from_ip, agent)
$$;

create function mailroom.close_session(closed_id uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update mailroom.sessions set revoked_at = coalesce(revoked_at, mailroom.now()) where id = closed_id
$$;

-- The person behind a session and where that person is a member; no row when the session has ended.
create function mailroom.resolve_session(wanted_id uuid)
returns table (user_id uuid, email text, name text, memberships jsonb)
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update mailroom.sessions s set last_seen_at = mailroom.now()
  where s.id = wanted_id and s.last_seen_at < mailroom.now() - interval '1 minute';
  return query
    select u.id, u.email, u.name, coalesce((
      select jsonb_agg(jsonb_build_object(
        'organizationId', o.id, 'slug', o.slug, 'name', o.name, 'role', m.role, 'projectIds', m.project_ids
      ) order by o.name)
      from mailroom.memberships m join mailroom.organizations o on o.id = m.organization_id
      where m.user_id = u.id and o.archived_at is null
    ), '[]'::jsonb)
    from mailroom.sessions s join mailroom.users u on u.id = s.user_id
    where s.id = wanted_id and s.revoked_at is null and s.expires_at > mailroom.now() and u.disabled_at is null;
end
$$;

create function mailroom.resolve_api_key(wanted_hash bytea)
returns table (
  id uuid, organization_id uuid, project_id uuid, project_slug text, lane_id uuid, name text, last_four text, scopes text[],
  sending_mode jsonb, allowed_senders text[], expires_at timestamptz, revoked_at timestamptz, last_used_at timestamptz
)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select k.id, k.organization_id, k.project_id, p.slug, p.lane_id, k.name, k.last_four, k.scopes,
    k.sending_mode, k.allowed_senders, k.expires_at, k.revoked_at, k.last_used_at
  from mailroom.api_keys k join mailroom.projects p on p.id = k.project_id
  where k.token_hash = wanted_hash
$$;

create function mailroom.touch_api_key(used_id uuid) returns void
language sql security definer set search_path = pg_catalog, pg_temp
as $$
  update mailroom.api_keys set last_used_at = mailroom.now()
  where id = used_id and (last_used_at is null or last_used_at < mailroom.now() - interval '1 minute')
$$;

create function mailroom.needs_first_owner() returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$ select not exists (select from mailroom.users) $$;

create function mailroom.is_setup_link_open(wanted_hash bytea) returns boolean
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from mailroom.setup_links l
    where l.token_hash = wanted_hash and l.used_at is null and l.expires_at > mailroom.now()
      and not exists (select from mailroom.users)
  )
$$;

-- Makes the first owner and organization, once, for the holder of the setup link. False when the link is not open.
create function mailroom.claim_setup_link(
  wanted_hash bytea, new_user uuid, user_email text, user_name text, user_password_hash text,
  new_organization uuid, organization_slug text, organization_name text, zone text,
  audit_id uuid, from_ip text, agent text
) returns boolean
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update mailroom.setup_links set used_at = mailroom.now()
  where token_hash = wanted_hash and used_at is null and expires_at > mailroom.now()
    and not exists (select from mailroom.users);
  if not found then
    return false;
  end if;
  insert into mailroom.users (id, email, name, password_hash) values (new_user, lower(user_email), user_name, user_password_hash);
  insert into mailroom.organizations (id, slug, name, time_zone) values (new_organization, organization_slug, organization_name, zone);
  insert into mailroom.memberships (organization_id, user_id, role) values (new_organization, new_user, 'owner');
  insert into mailroom.audit_entries (
    id, organization_id, actor_kind, actor_id, actor_label, source_ip, user_agent, action, object_kind, object_id, object_label
  ) values (
    audit_id, new_organization, 'user', new_user, lower(user_email), from_ip, agent, 'organization.created', 'organization',
    new_organization::text, organization_name
  );
  return true;
end
$$;
