/** Columns of a lane as an update sets them; what is learned about a server is forgotten in one place. */

/** Nothing is waited for. */
export const noWait = `failure_count = 0, reach_failures = 0, wait_kind = null, wait_since = null, wait_until = null,
  wait_code = null, wait_reply = null, wait_endpoint = null`;

/** Mail goes by the primary. */
export const onPrimary = `active_endpoint = 'primary', alternate_since = null, alternate_reason = null,
  both_down_since = null, primary_probe_at = null, primary_up_since = null`;

/** Nothing stops it. */
export const noStop = 'stopped_at = null, stop_code = null, stop_stage = null, stop_reply = null';

/** It may go as fast as its settings allow. */
export const fullRate = 'rate_factor = 1, slowed_at = null, slowed_until = null, slow_count = 0';
