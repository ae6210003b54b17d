-- The tokens of one consent, named by the settings that it was given for. A copy, another account or another server
-- gets a row of its own, so a token never follows to a place that it was not given for.
create table mailroom.oauth_grants (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  project_id uuid not null,
  -- As the authorization server names the account that consented; null app-only, or where it does not say.
  account text,
  -- What was granted, which may be less than what was asked for.
  scope text,
  consented_at timestamptz,
  consented_by text,
  key_id text,
  -- Access and refresh token, sealed together: both are stored or neither is. Null before the consent and after its end.
  sealed bytea,
  access_expires_at timestamptz,
  -- Null: the server does not say, or there is none.
  refresh_expires_at timestamptz,
  refreshed_at timestamptz,
  -- When the tokens are renewed although nobody sends; null: there is nothing to renew.
  renew_at timestamptz,
  -- One refresh at a time over all processes: whoever holds the turn, until when, and how often it was taken.
  refreshing_until timestamptz,
  refresh_count bigint not null default 0,
  failed_at timestamptz,
  failure_code text,
  failure_reply text,
  unique (id, organization_id),
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
) with (fillfactor = 70);
create index oauth_grants_project on mailroom.oauth_grants (project_id);
create index oauth_grants_renewal on mailroom.oauth_grants (renew_at) where renew_at is not null;

-- A link by which somebody without an account consents for exactly one mailbox; only the hash of its token is kept.
create table mailroom.consent_links (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  project_id uuid not null,
  grant_id uuid not null,
  token_hash bytea not null unique,
  mailbox text not null,
  created_at timestamptz not null default mailroom.now(),
  created_by text not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  unique (id, organization_id),
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
);
create index consent_links_project on mailroom.consent_links (project_id, id);

-- A consent under way: between the page of the portal and the answer of the provider.
create table mailroom.oauth_consents (
  state_hash bytea primary key,
  organization_id uuid not null references mailroom.organizations (id),
  project_id uuid not null,
  grant_id uuid not null,
  settings_version integer not null,
  -- Administrator: rights for the whole tenant, which bring no token.
  kind text not null check (kind in ('mailbox', 'administrator')),
  -- The browser that started it: its session, or the link's own cookie.
  browser_hash bytea not null,
  link_id uuid,
  -- The verifier of PKCE and the nonce.
  key_id text not null,
  sealed bytea not null,
  created_at timestamptz not null default mailroom.now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id),
  foreign key (link_id, organization_id) references mailroom.consent_links (id, organization_id)
);
create index oauth_consents_expiry on mailroom.oauth_consents (expires_at);

-- Ends of secrets, certificates and tokens that were announced already: each end once for each number of days ahead.
create table mailroom.announced_ends (
  project_id uuid not null,
  organization_id uuid not null references mailroom.organizations (id),
  kind text not null check (kind in ('client_secret', 'certificate', 'token')),
  ends_at timestamptz not null,
  days_ahead integer not null,
  announced_at timestamptz not null default mailroom.now(),
  primary key (project_id, kind, ends_at, days_ahead),
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
);

-- Look-ups that come before the tenant is known. Each answers for exactly one secret that the caller must hold.
create function mailroom.find_oauth_consent(wanted_hash bytea)
returns table (organization_id uuid, organization_slug text, project_id uuid, project_slug text, link_id uuid)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select c.organization_id, o.slug, c.project_id, p.slug, c.link_id
  from mailroom.oauth_consents c
  join mailroom.organizations o on o.id = c.organization_id
  join mailroom.projects p on p.id = c.project_id
  where c.state_hash = wanted_hash
$$;

create function mailroom.find_consent_link(wanted_hash bytea)
returns table (id uuid, organization_id uuid, organization_name text, project_id uuid, project_slug text)
language sql stable security definer set search_path = pg_catalog, pg_temp
as $$
  select l.id, l.organization_id, o.name, l.project_id, p.slug
  from mailroom.consent_links l
  join mailroom.organizations o on o.id = l.organization_id
  join mailroom.projects p on p.id = l.project_id
  where l.token_hash = wanted_hash and o.archived_at is null and p.archived_at is null
$$;

do $$
declare
  t text;
begin
  foreach t in array array['oauth_grants', 'consent_links', 'oauth_consents', 'announced_ends']
  loop
    execute format('alter table mailroom.%I enable row level security', t);
    execute format('alter table mailroom.%I force row level security', t);
    execute format('create policy owner_all on mailroom.%I to %I using (true) with check (true)', t, current_user);
    execute format(
      'create policy tenant on mailroom.%I to mailroom_app
         using (organization_id = (select mailroom.current_organization()))
         with check (organization_id = (select mailroom.current_organization()))', t);
    execute format('create policy worker_all on mailroom.%I to mailroom_worker using (true) with check (true)', t);
  end loop;
end
$$;

grant select, insert, update on mailroom.oauth_grants, mailroom.consent_links, mailroom.oauth_consents to mailroom_app;
grant select on mailroom.announced_ends to mailroom_app;

-- The worker renews tokens and announces ends; consents are given in the portal alone.
grant select, update on mailroom.oauth_grants to mailroom_worker;
grant select, delete on mailroom.oauth_consents to mailroom_worker;
grant select, insert on mailroom.announced_ends to mailroom_worker;

revoke execute on function mailroom.find_oauth_consent(bytea), mailroom.find_consent_link(bytea) from public;
grant execute on function mailroom.find_oauth_consent(bytea), mailroom.find_consent_link(bytea) to mailroom_app;
