import { readFile } from 'node:fs/promises';
import type { Database } from '#db/client.ts';

/** CPU used so far, in µs: by this process, and by the backends of its Postgres that serve the database now. */
export interface CpuUse {
  readonly ownUs: number;
  readonly postgresUs: number;
}

// Linux counts in ticks of 10 ms (USER_HZ), whatever the kernel's own rate.
const usPerTick = 10_000;

/** Take the difference of two; backends that ended in between are left out. */
export async function readCpu(database: Database): Promise<CpuUse> {
  const { rows } = await database.pool.query<{ pid: number }>('select pid from pg_stat_activity');
  const ticks = await Promise.all(rows.map(({ pid }) => backendTicks(pid)));
  const { user, system } = process.cpuUsage();
  return { ownUs: user + system, postgresUs: ticks.reduce((sum, each) => sum + each, 0) * usPerTick };
}

async function backendTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The name in parentheses may hold spaces; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}
