import type { Command as Program } from 'commander';
import { allowFlood } from '#lib/flood/allow-flood.ts';
import { readFlood } from '#lib/flood/read-flood.ts';
import { allowanceSpans } from '#lib/flood/schemas.ts';
import { rateWords } from '#lib/pools/labels.ts';
import { listPools, type PoolView } from '#lib/pools/list-pools.ts';
import { plain, table, time } from './output.ts';
import { addTenantCommand, type CommonOptions, runInTenant, UsageError } from './run-command.ts';

interface AllowOptions extends CommonOptions {
  readonly for: string;
}

/** Pools, and mail that was held as a flood. */
export function addPoolCommands(program: Program): void {
  addTenantCommand(program, 'pools', 'list the pools with what paces them now').action(showPools);
  addTenantCommand(program, 'flood', 'show from when on mail is held as a flood, and what is let through')
    .argument('<project>')
    .action(showFlood);
  addTenantCommand(program, 'allow-flood', 'let such mails go, and what they were held for through')
    .argument('<project>')
    .argument('<message...>', 'ids of mails that are held as a flood')
    .option('--for <span>', `how long it is let through: ${allowanceSpans.join(', ')}`, 'for_ever')
    .action(allow);
}

function showPools(options: CommonOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const pools = await listPools(ctx);
    const head = ['Pool', 'Rate', 'Last minute', 'Last hour', 'Recipients of the day', 'Now', 'Projects'];
    return {
      json: { pools },
      lines: pools.length === 0 ? ['There is none.'] : table(head, pools.map(rowOf)),
    };
  });
}

function rowOf(pool: PoolView): string[] {
  const { usable, used } = pool;
  return [
    plain(pool.name),
    rateWords(usable),
    String(used.mailsLastMinute),
    String(used.mailsLastHour),
    usable.recipientsPerDay === null
      ? String(used.recipientsLastDay)
      : `${used.recipientsLastDay} of ${usable.recipientsPerDay}`,
    standOf(pool),
    pool.projects.map(({ slug }) => slug).join(', '),
  ];
}

function standOf({ stopped, nextAt }: PoolView): string {
  if (stopped !== null) return `asked to wait until ${time(stopped.until)}`;
  return nextAt === null ? 'not pacing' : `pacing, next at ${time(nextAt)}`;
}

function showFlood(project: string, options: CommonOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const flood = await readFlood(ctx, { project });
    const { isOn, repeatsPerHour, repliesPerHour, surgeFactor, surgeFloor } = flood.thresholds;
    const rows = flood.allowances.map(({ label, until, createdBy }) => [
      plain(label),
      until === null ? 'for ever' : time(until),
      plain(createdBy),
    ]);
    return {
      json: flood,
      lines: [
        isOn
          ? `Held above ${repeatsPerHour} repeats or ${repliesPerHour} automatic replies an hour, or ${surgeFactor} times the busiest hour from ${surgeFloor} mails on.`
          : 'Nothing is held as a flood.',
        '',
        ...(rows.length === 0 ? ['Nothing is let through.'] : table(['Let through', 'Until', 'By'], rows)),
      ],
    };
  });
}

function allow(project: string, ids: string[], options: AllowOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const span = allowanceSpans.find((known) => known === options.for);
    if (span === undefined) throw new UsageError(`A span is one of ${allowanceSpans.join(', ')}.`);
    const allowed = await allowFlood(ctx, { project, ids, span });
    const { shapes, run } = allowed;
    return {
      json: allowed,
      lines: [
        `${run.done} ${run.done === 1 ? 'mail goes' : 'mails go'} out; ${shapes} ${shapes === 1 ? 'kind of mail passes' : 'kinds of mail pass'} from now on.`,
      ],
    };
  });
}
