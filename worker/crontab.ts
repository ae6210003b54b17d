/** What runs at fixed times, in graphile-worker's notation and UTC. What must run every second has a timer instead. */
export const crontab = [
  '10 0 * * * ensure_partitions ?fill=1d',
  '20 * * * * clean_idempotency_keys',
  '*/5 * * * * destroy_secrets',
  '*/10 * * * * renew_tokens',
  '30 6 * * * announce_ends ?fill=1d',
  '* * * * * mail_announcements',
  '* * * * * prove_connections',
  '* * * * * switch_off_debug',
  '*/5 * * * * fill_throttles',
  '35 2 * * * tidy_limit_usage ?fill=1d',
  '40 2 * * * tidy_fleet ?fill=1d',
  '50 * * * * tidy_pool_counts',
].join('\n');
