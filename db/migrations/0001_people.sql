create table mailroom.organizations (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 120),
  time_zone text not null default 'UTC',
  default_project_id uuid,
  created_at timestamptz not null default mailroom.now(),
  archived_at timestamptz
);

create table mailroom.users (
  id uuid primary key,
  email text not null check (email = lower(email) and length(email) <= 254),
  name text not null check (length(name) between 1 and 120),
  password_hash text not null,
  created_at timestamptz not null default mailroom.now(),
  disabled_at timestamptz
);
create unique index users_email_key on mailroom.users (email);

create table mailroom.memberships (
  organization_id uuid not null references mailroom.organizations (id),
  user_id uuid not null references mailroom.users (id),
  role text not null check (role in ('owner', 'administrator', 'operator', 'auditor', 'viewer')),
  -- Null: every project of the organization. A list narrows the member to these projects.
  project_ids uuid[],
  created_at timestamptz not null default mailroom.now(),
  primary key (organization_id, user_id)
);
create index memberships_user on mailroom.memberships (user_id);

create table mailroom.sessions (
  id uuid primary key,
  user_id uuid not null references mailroom.users (id),
  created_at timestamptz not null default mailroom.now(),
  last_seen_at timestamptz not null default mailroom.now(),
  expires_at timestamptz not null,
  revoked_at timestamptz,
  source_ip text,
  user_agent text
);
create index sessions_user on mailroom.sessions (user_id);

-- Failed sign-ins per e-mail address and per source, counted in fixed windows against guessing.
create table mailroom.sign_in_throttle (
  subject text primary key,
  window_started_at timestamptz not null,
  failures integer not null
);

-- The one-time link that makes the first owner; only the hash of its token is kept.
create table mailroom.setup_links (
  token_hash bytea primary key,
  created_at timestamptz not null default mailroom.now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
