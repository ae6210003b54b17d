-- A lane is one throttle: a project's mail settings now, a shared client ID and mailbox where a protocol asks for it.
-- One worker drives a lane at a time, under a lease that its generation fences.
create table mailroom.lanes (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  generation bigint not null default 0,
  holder uuid,
  lease_expires_at timestamptz,
  wake_seq bigint not null default 0,
  -- Stopped: sign-in or configuration is at fault; a person must act.
  stopped_at timestamptz,
  stop_code text,
  stop_stage text,
  stop_reply text,
  -- Waiting: the server cannot be reached or asked to slow down; goes on by itself.
  wait_kind text check (wait_kind in ('unreachable', 'throttled')),
  wait_since timestamptz,
  wait_until timestamptz,
  wait_code text,
  wait_reply text,
  failure_count integer not null default 0,
  active_endpoint text not null default 'primary' check (active_endpoint in ('primary', 'alternate')),
  alternate_since timestamptz,
  alternate_reason text,
  unique (id, organization_id)
) with (fillfactor = 50);
create index lanes_organization on mailroom.lanes (organization_id);
create index lanes_holder on mailroom.lanes (holder) where holder is not null;

create table mailroom.projects (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  slug text not null check (slug ~ '^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$'),
  name text not null check (length(name) between 1 and 120),
  lane_id uuid not null,
  -- The current version of the mail settings; null until they are set up, and after they are cleared.
  settings_version integer,
  created_at timestamptz not null default mailroom.now(),
  archived_at timestamptz,
  paused_at timestamptz,
  paused_by text,
  pause_reason text check (pause_reason in ('by_hand', 'editing', 'restored')),
  unique (organization_id, slug),
  unique (id, organization_id),
  foreign key (lane_id, organization_id) references mailroom.lanes (id, organization_id)
);
create index projects_lane on mailroom.projects (lane_id);

alter table mailroom.organizations
  add foreign key (default_project_id) references mailroom.projects (id);

create table mailroom.mail_settings_versions (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  project_id uuid not null,
  version integer not null,
  -- Null: the settings were cleared. Secrets stand in it by the id of their row in secrets.
  document jsonb,
  origin text not null check (origin in ('saved', 'copied', 'restored', 'cleared', 'switched_off')),
  origin_detail jsonb not null default '{}',
  changes jsonb not null,
  created_at timestamptz not null default mailroom.now(),
  actor_kind text not null,
  actor_id uuid,
  actor_label text not null,
  source_ip text,
  unique (project_id, version),
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
);
create index mail_settings_versions_organization on mailroom.mail_settings_versions (organization_id);

create table mailroom.secrets (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  project_id uuid not null,
  purpose text not null,
  key_id text not null,
  -- Null once destroyed.
  sealed bytea,
  created_at timestamptz not null default mailroom.now(),
  created_by text not null,
  destroyed_at timestamptz,
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
);
create index secrets_project on mailroom.secrets (project_id) where sealed is not null;

create table mailroom.api_keys (
  id uuid primary key,
  organization_id uuid not null references mailroom.organizations (id),
  project_id uuid not null,
  name text not null check (length(name) between 1 and 80),
  token_hash bytea not null unique,
  last_four text not null,
  scopes text[] not null,
  -- Narrower than the project's own, never wider; null leaves the project's.
  sending_mode jsonb,
  allowed_senders text[],
  created_at timestamptz not null default mailroom.now(),
  created_by text not null,
  last_used_at timestamptz,
  expires_at timestamptz,
  revoked_at timestamptz,
  revoked_by text,
  foreign key (project_id, organization_id) references mailroom.projects (id, organization_id)
);
create index api_keys_project on mailroom.api_keys (project_id, id);

create table mailroom.categories (
  organization_id uuid not null references mailroom.organizations (id),
  name text not null check (length(name) between 1 and 64),
  first_used_at timestamptz not null default mailroom.now(),
  primary key (organization_id, name)
);
