import type { TaskList } from 'graphile-worker';
import type { Services } from '#lib/context.ts';
import { announceEndsTask } from './tasks/announce-ends.ts';
import { cleanIdempotencyKeysTask } from './tasks/clean-idempotency-keys.ts';
import { destroySecretsTask } from './tasks/destroy-secrets.ts';
import { drainLaneTask } from './tasks/drain-lane.ts';
import { ensurePartitionsTask } from './tasks/ensure-partitions.ts';
import { fillThrottlesTask } from './tasks/fill-throttles.ts';
import { mailAnnouncementsTask } from './tasks/mail-announcements.ts';
import { proveConnectionsTask } from './tasks/prove-connections.ts';
import { renewTokensTask } from './tasks/renew-tokens.ts';
import { switchOffDebugTask } from './tasks/switch-off-debug.ts';
import { tidyFleetTask } from './tasks/tidy-fleet.ts';
import { tidyLimitUsageTask } from './tasks/tidy-limit-usage.ts';
import { tidyPoolCountsTask } from './tasks/tidy-pool-counts.ts';

/** Every task that a job may name. */
export function taskRegistry(services: Services, wake: (laneId: string) => void): TaskList {
  return {
    drain_lane: drainLaneTask(wake),
    ensure_partitions: ensurePartitionsTask(services.database),
    clean_idempotency_keys: cleanIdempotencyKeysTask(services.database),
    destroy_secrets: destroySecretsTask(services),
    renew_tokens: renewTokensTask(services),
    announce_ends: announceEndsTask(services),
    mail_announcements: mailAnnouncementsTask(services),
    prove_connections: proveConnectionsTask(services),
    fill_throttles: fillThrottlesTask(services),
    switch_off_debug: switchOffDebugTask(services),
    tidy_fleet: tidyFleetTask(services.database),
    tidy_limit_usage: tidyLimitUsageTask(services.database),
    tidy_pool_counts: tidyPoolCountsTask(services.database),
  };
}
