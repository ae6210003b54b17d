import type { BenchRow } from './row.ts';
import { acceptBatchRow, acceptRow } from './rows/accept.ts';
import { autoResumeRow } from './rows/auto-resume.ts';
import { backlogPagesRow } from './rows/backlog-pages.ts';
import { bulkResumeRow } from './rows/bulk-resume.ts';
import { bloatFullRow, bloatRow } from './rows/bloat.ts';
import { burstsRow } from './rows/bursts.ts';
import { drainRow, memoryRow } from './rows/drain.ts';
import { failoverRateRow, failoverRow } from './rows/failover.ts';
import { graphLargeRow } from './rows/graph-large.ts';
import { fairnessRow } from './rows/fairness.ts';
import { graphBoundRow, graphLoadsRow, graphS3Row } from './rows/graph.ts';
import { latencyRow } from './rows/latency.ts';
import { limitsRow } from './rows/limits.ts';
import { memoryLargeRow } from './rows/memory-large.ts';
import { nullTransportRow } from './rows/null-transport.ts';
import { recoveryRow } from './rows/recovery.ts';

/** All rows, in the order in which they run. */
export const rows: readonly BenchRow[] = [
  drainRow,
  burstsRow('bursts', false, 2),
  burstsRow('bursts_plain', true, 4),
  acceptRow,
  acceptBatchRow,
  nullTransportRow,
  latencyRow,
  graphS3Row,
  graphBoundRow,
  graphLoadsRow,
  limitsRow('limits', {}),
  limitsRow('limits_flush', { commit_delay: 5000, commit_siblings: 0 }),
  memoryRow,
  memoryLargeRow,
  graphLargeRow,
  bulkResumeRow,
  backlogPagesRow,
  autoResumeRow,
  failoverRow,
  failoverRateRow,
  recoveryRow,
  fairnessRow,
  bloatRow,
  bloatFullRow,
];
