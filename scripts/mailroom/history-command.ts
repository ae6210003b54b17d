import type { Command as Program } from 'commander';
import { listAuditEntries } from '#lib/audit/list-audit-entries.ts';
import { plain, table, time } from './output.ts';
import { addTenantCommand, type CommonOptions, runInTenant } from './run-command.ts';

interface HistoryOptions extends CommonOptions {
  readonly by?: string;
  readonly action?: string;
  readonly since?: string;
  readonly until?: string;
  readonly before?: string;
}

/** history: who did what to what, when and from where. */
export function addHistoryCommand(program: Program): void {
  addTenantCommand(program, 'history', 'list who did what, newest first')
    .argument('[project]', 'the whole organization when left out')
    .option('--by <name>', 'only by this actor')
    .option('--action <action>', 'only this action, such as key.created, or its noun, such as key')
    .option('--since <time>')
    .option('--until <time>')
    .option('--before <id>', 'only older ones than this')
    .action(showHistory);
}

function showHistory(project: string | undefined, options: HistoryOptions): Promise<void> {
  const { by, action, since, until, before } = options;
  return runInTenant(options, async (ctx) => {
    const page = await listAuditEntries(ctx, {
      ...(project === undefined ? {} : { project }),
      ...(by === undefined ? {} : { by }),
      ...(action === undefined ? {} : { action }),
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(before === undefined ? {} : { before }),
    });
    const rows = page.entries.map((entry) => [
      time(entry.at),
      plain(entry.by),
      entry.words,
      plain(entry.object.label),
      entry.sourceIp ?? '–',
    ]);
    const lines =
      rows.length === 0
        ? ['Nothing matches.']
        : table(['When (UTC)', 'Who', 'What', 'To what', 'From'], rows);
    return { json: page, lines: page.older === null ? lines : [...lines, `Older: --before ${page.older}`] };
  });
}
