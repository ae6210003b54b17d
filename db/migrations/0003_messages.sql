-- No foreign keys from the message tables to projects: every insert would take a share lock on the project's row,
-- and projects are archived, never deleted. The accept verb loads the project under the tenant first.
create table mailroom.messages (
  id uuid primary key,
  organization_id uuid not null,
  project_id uuid not null,
  api_key_id uuid,
  source text not null check (source in ('api', 'portal', 'test', 'notice', 'submission')),
  category text not null,
  -- 0 high, 1 normal, 2 low.
  priority smallint not null check (priority between 0 and 2),
  state text not null check (state in (
    'queued', 'sending', 'retrying', 'sent', 'failed', 'expired', 'cancelled', 'captured', 'uncertain', 'backlog', 'suspended'
  )),
  -- The stable code of why it is in this state; null where the state says it all.
  state_reason text,
  state_at timestamptz not null,
  accepted_at timestamptz not null,
  send_at timestamptz,
  expires_at timestamptz,
  next_attempt_at timestamptz,
  sent_at timestamptz,
  subject text not null,
  -- The From that the caller gave; null takes the configured sender when the mail starts.
  from_address text,
  -- The reverse path that the caller gave with a finished message; null takes the From address.
  envelope_from text,
  internet_message_id text not null,
  first_recipient text not null,
  recipient_count integer not null check (recipient_count > 0),
  accepted_count integer not null default 0,
  size_bytes integer not null,
  attempt_count integer not null default 0,
  -- Time in which the mail could be tried, in ms: the sum of its planned waits. The give-up clock of PRODUCT 4.4.
  waited_ms bigint not null default 0,
  uncertain_count smallint not null default 0,
  repeat_count smallint not null default 0,
  settings_version integer,
  last_reply text,
  last_code text,
  -- A person let this captured mail leave although the sending mode holds it.
  released_at timestamptz,
  resend_of uuid,
  tags text[] not null default '{}',
  metadata jsonb not null default '{}'
) with (fillfactor = 85);
create index messages_project on mailroom.messages (project_id, id desc);
create index messages_project_state on mailroom.messages (project_id, state, id desc);
create index messages_resend_of on mailroom.messages (resend_of) where resend_of is not null;

-- What searches read, apart from messages so that a change of state never touches these indexes.
create table mailroom.message_search (
  message_id uuid primary key,
  organization_id uuid not null,
  project_id uuid not null,
  internet_message_id text not null,
  subject tsvector not null,
  tags text[] not null,
  metadata jsonb not null
);
create index message_search_internet_message_id on mailroom.message_search (internet_message_id);
create index message_search_subject on mailroom.message_search using gin (subject);
-- Most mails have neither, and an index entry for nothing costs as much as one for something.
create index message_search_tags on mailroom.message_search using gin (tags) where tags <> '{}';
create index message_search_metadata on mailroom.message_search using gin (metadata jsonb_path_ops) where metadata <> '{}';

create table mailroom.recipients (
  message_id uuid not null,
  position integer not null,
  organization_id uuid not null,
  project_id uuid not null,
  address text not null,
  -- Where the caller named it; 'envelope' where only the envelope of a finished message did.
  kind text not null check (kind in ('to', 'cc', 'bcc', 'envelope')),
  state text not null check (state in ('pending', 'accepted', 'refused', 'captured', 'suppressed')),
  code text,
  reply text,
  changed_at timestamptz,
  primary key (message_id, position)
) with (fillfactor = 85);
create index recipients_address on mailroom.recipients (project_id, address text_pattern_ops, message_id);

-- What people did to a message, beside its attempts.
create table mailroom.message_events (
  id uuid primary key,
  organization_id uuid not null,
  project_id uuid not null,
  message_id uuid not null,
  at timestamptz not null default mailroom.now(),
  kind text not null,
  actor_label text not null,
  detail jsonb not null default '{}'
);
create index message_events_message on mailroom.message_events (message_id, id);

-- Bytes of a mail: part 0 carries the header block, every part a slice of the body. Ranges by UUID v7 are ranges of
-- time, so a whole month can be dropped; no foreign key points here.
create table mailroom.contents (
  message_id uuid not null,
  part integer not null,
  organization_id uuid not null,
  -- Only in part 0: complete header lines ended by CRLF, without those that settings fill, without Bcc.
  headers text,
  -- Only in part 0: which headers are filled from the settings when the mail starts.
  filled_headers text[],
  bytes bytea not null,
  primary key (message_id, part)
) partition by range (message_id);
create table mailroom.contents_default partition of mailroom.contents default;

create table mailroom.attempts (
  id uuid not null,
  message_id uuid not null,
  organization_id uuid not null,
  project_id uuid not null,
  number integer not null,
  worker_id uuid,
  settings_version integer,
  endpoint text,
  started_at timestamptz not null,
  ended_at timestamptz,
  outcome text not null check (outcome in (
    'accepted', 'temporary', 'permanent', 'unreachable', 'throttled', 'credentials', 'uncertain', 'withheld'
  )),
  stage text,
  code text,
  reply_code integer,
  enhanced_code text,
  reply text,
  server_id text,
  recipients_accepted integer not null default 0,
  recipients_refused integer not null default 0,
  -- The mail may have been handed over before: this attempt can be a second copy (PRODUCT 4.8).
  repeat boolean not null default false,
  transcript jsonb,
  primary key (id)
) partition by range (id);
create table mailroom.attempts_default partition of mailroom.attempts default;
create index attempts_message on mailroom.attempts (message_id, id);

create table mailroom.idempotency_keys (
  project_id uuid not null,
  key text not null,
  organization_id uuid not null,
  fingerprint bytea not null,
  message_id uuid not null,
  response jsonb not null,
  created_at timestamptz not null default mailroom.now(),
  primary key (project_id, key)
);
create index idempotency_keys_created on mailroom.idempotency_keys (created_at);

-- The first id that a UUID v7 made at this instant can have.
create function mailroom.first_id_at(instant timestamptz) returns uuid
language sql immutable parallel safe
as $$
  select (substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-0000-0000-000000000000')::uuid
  from lpad(to_hex(floor(extract(epoch from instant) * 1000)::bigint), 12, '0') as h
$$;

-- Makes the monthly partitions from last month to three months ahead; called at every worker start and once a day.
create function mailroom.ensure_partitions() returns integer
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  parent text;
  month timestamptz;
  name text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('mailroom.ensure_partitions'));
  foreach parent in array array['contents', 'attempts'] loop
    for shift in -1..3 loop
      month := (date_trunc('month', mailroom.now() at time zone 'UTC') + make_interval(months => shift)) at time zone 'UTC';
      name := parent || '_' || to_char(month at time zone 'UTC', 'YYYY_MM');
      continue when to_regclass('mailroom.' || name) is not null;
      execute format(
        'create table mailroom.%I partition of mailroom.%I for values from (%L) to (%L)',
        name, parent, mailroom.first_id_at(month), mailroom.first_id_at((month at time zone 'UTC' + interval '1 month') at time zone 'UTC')
      );
      execute format('alter table mailroom.%I enable row level security', name);
      execute format('alter table mailroom.%I force row level security', name);
      made := made + 1;
    end loop;
  end loop;
  return made;
end
$$;
