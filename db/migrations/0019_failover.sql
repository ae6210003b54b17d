-- Where the lane stands between its two servers, and how fast it may go (PRODUCT 5.11, 6).
alter table mailroom.lanes
  -- Failures to reach the server in a row; other waits do not count here.
  add column reach_failures integer not null default 0,
  -- Since when neither server can be reached; both are tried in turn until one answers.
  add column both_down_since timestamptz,
  -- Which server the wait is for, as host:port: whoever reaches it tells the others.
  add column wait_endpoint text,
  -- The primary as probes find it while mail goes by the alternate.
  add column primary_probe_at timestamptz,
  add column primary_up_since timestamptz,
  -- How its server has slowed a lane without a pool down.
  add column rate_factor double precision not null default 1 check (rate_factor > 0 and rate_factor <= 1),
  add column slowed_at timestamptz,
  add column slowed_until timestamptz,
  add column slow_count integer not null default 0;
create index lanes_away on mailroom.lanes (id) where alternate_since is not null;
create index lanes_waiting on mailroom.lanes (organization_id, wait_endpoint) where wait_endpoint is not null;
