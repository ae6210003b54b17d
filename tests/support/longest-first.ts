import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take long, the longest first: while they wait for leases and servers the many short ones run beside them,
 * and none of them is what a run waits for in the end.
 */
const longest = [
  'integration/connections/look-first',
  'integration/queue/failover',
  'integration/queue/dark-server',
  'integration/fleet/graceful-stop',
  'integration/command-line/command-line',
  'integration/queue/outcomes',
  'integration/queue/service-restart',
  'integration/queue/limits',
  'integration/queue/limits-processes',
  'integration/fleet/lost-worker',
  'integration/command-line/limit-commands',
  'integration/pools/ask-pool',
  'integration/queue/turns',
  'integration/fleet/generations',
  'integration/oauth/vault',
  'integration/limits/counting-property',
  'integration/pools/pool-commands',
  'integration/command-line/delivery-commands',
  'integration/fleet/workers-command',
  'integration/transports/graph/prove-once',
  'integration/pools/paced-drain',
  'integration/transports/hostile-servers',
  'integration/fleet/worker-away',
  'integration/database/embedded',
  'integration/oauth/worker-oauth',
  'integration/queue/departure',
  'integration/command-line/backlog-commands',
  'integration/backlog/backlog-commands',
  'integration/secrets/rotate-secrets',
  'integration/fleet/accept-away',
] as const;

function rank({ moduleId }: TestSpecification): number {
  const found = longest.findIndex((name) => moduleId.endsWith(`/tests/${name}.test.ts`));
  return found === -1 ? longest.length : found;
}

/** Starts the files that take longest first, and leaves the others in their order. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own, which changes nothing
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}
