import type { PaceState, PoolFigures } from '#lib/policy/pace.ts';
import type { SlowState } from '#lib/policy/slow-down.ts';

/** A pool as the database has it: what it grants, how far its rates have come, how the provider has slowed it. */
export interface PoolStand {
  readonly figures: PoolFigures;
  readonly pace: PaceState;
  readonly slow: SlowState;
}

export interface PoolStandRow {
  readonly mails_per_minute: number | null;
  readonly mails_per_hour: number | null;
  readonly recipients_per_day: number | null;
  readonly bytes_per_five_minutes: number | null;
  readonly connections: number | null;
  readonly reserve_percent: number;
  readonly reserve_recipients: number;
  readonly minute_free_ms: number;
  readonly hour_free_ms: number;
  readonly bytes_free_ms: number;
  readonly rate_factor: number;
  readonly slowed_ms: number | null;
  readonly slow_count: number;
  readonly stopped_until_ms: number | null;
}

/** The columns of a stand, from `mailroom.pools po` and `mailroom.pool_paces pp`; times in ms since 1970. */
export const poolStandColumns = `
  po.mails_per_minute, po.mails_per_hour, po.recipients_per_day, po.bytes_per_five_minutes, po.connections,
  po.reserve_percent, po.reserve_recipients, pp.rate_factor, pp.slow_count,
  extract(epoch from pp.minute_free_at)::float8 * 1000 as minute_free_ms,
  extract(epoch from pp.hour_free_at)::float8 * 1000 as hour_free_ms,
  extract(epoch from pp.bytes_free_at)::float8 * 1000 as bytes_free_ms,
  extract(epoch from pp.slowed_at)::float8 * 1000 as slowed_ms,
  extract(epoch from pp.stopped_until)::float8 * 1000 as stopped_until_ms`;

/** Recipients that left through pool `po` within the last 24 hours, to the whole minute. */
export const recipientsOfDay = `(
  select coalesce(sum(u.recipients), 0)::int from mailroom.pool_usage u
  where u.pool_id = po.id and u.minute >= date_trunc('minute', mailroom.now() - interval '24 hours'))`;

export function poolStandOf(row: PoolStandRow): PoolStand {
  return {
    figures: {
      mailsPerMinute: row.mails_per_minute,
      mailsPerHour: row.mails_per_hour,
      recipientsPerDay: row.recipients_per_day,
      bytesPerFiveMinutes: row.bytes_per_five_minutes,
      connections: row.connections,
      reservePercent: row.reserve_percent,
      reserveRecipients: row.reserve_recipients,
    },
    pace: {
      minuteFreeMs: row.minute_free_ms,
      hourFreeMs: row.hour_free_ms,
      bytesFreeMs: row.bytes_free_ms,
    },
    slow: {
      rateFactor: row.rate_factor,
      slowedMs: row.slowed_ms,
      slowCount: row.slow_count,
      stoppedUntilMs: row.stopped_until_ms,
    },
  };
}
