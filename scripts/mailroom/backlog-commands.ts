import { createWriteStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command as Program } from 'commander';
import { exportHeld } from '#lib/backlog/export-held.ts';
import { listBulkRuns } from '#lib/backlog/list-bulk-runs.ts';
import { listHeld } from '#lib/backlog/list-held.ts';
import { previewResume } from '#lib/backlog/preview-resume.ts';
import { readHeldTotals } from '#lib/backlog/read-held-totals.ts';
import { exportFormats, type HeldFiltersInput, type HeldSelectionInput } from '#lib/backlog/schemas.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import { stopBulkRun } from '#lib/backlog/stop-bulk-run.ts';
import type { BulkRunView, HeldItem } from '#lib/backlog/views.ts';
import type { Context } from '#lib/context.ts';
import { holdReasonFacts, holdReasons } from '#lib/policy/hold-reasons.ts';
import { type Answer, plain, table, time } from './output.ts';
import { addTenantCommand, type CommonOptions, runInTenant, UsageError } from './run-command.ts';

interface FilterOptions extends CommonOptions {
  readonly reason?: readonly string[];
  readonly category?: string;
  readonly search?: string;
}

interface ListOptions extends FilterOptions {
  readonly suspended?: boolean;
  readonly after?: string;
  readonly limit: string;
}

interface MoveOptions extends FilterOptions {
  readonly matching?: boolean;
}

interface ResumeOptions extends MoveOptions {
  readonly passDayLimit?: boolean;
  readonly passRecipientsLimit?: boolean;
  readonly mayWait?: boolean;
  readonly pace?: string;
}

interface ExportOptions extends FilterOptions {
  readonly suspended?: boolean;
  readonly format: string;
}

/** Held mails of a project: look at, resume, suspend, return, export. */
export function addBacklogCommands(program: Program): void {
  withFilters(addTenantCommand(program, 'backlog', 'list held mails, the longest waiting first'))
    .argument('<project>')
    .option('--suspended', 'those that were taken out of the backlog')
    .option('--after <place>', 'the page behind this place')
    .option('--limit <count>', 'at most so many', '50')
    .action(list);
  withFilters(addTenantCommand(program, 'resume-held', 'let held mails go'))
    .argument('<project>')
    .argument('[message...]', 'ids of the messages')
    .option('--matching', 'all that match the options, instead of chosen ones')
    .option('--pass-day-limit', 'even where the limit of the day is reached')
    .option('--pass-recipients-limit', 'even where they have more recipients than one mail may')
    .option('--may-wait', 'even where a limit that is not passed holds some of them again')
    .option('--pace <count>', 'at most so many a minute')
    .action(resume);
  withFilters(addTenantCommand(program, 'suspend-held', 'take held mails out of the backlog'))
    .argument('<project>')
    .argument('[message...]', 'ids of the messages')
    .option('--matching', 'all that match the options, instead of chosen ones')
    .action((project: string, ids: string[], options: MoveOptions) =>
      runInTenant(options, async (ctx) =>
        runAnswer(
          await startBulkRun(ctx, { project, kind: 'suspend', selection: selectionOf(ids, options) }),
        ),
      ),
    );
  withFilters(addTenantCommand(program, 'return-suspended', 'put suspended mails back into the backlog'))
    .argument('<project>')
    .argument('[message...]', 'ids of the messages')
    .option('--matching', 'all that match the options, instead of chosen ones')
    .action((project: string, ids: string[], options: MoveOptions) =>
      runInTenant(options, async (ctx) =>
        runAnswer(await startBulkRun(ctx, { project, kind: 'return', selection: selectionOf(ids, options) })),
      ),
    );
  addTenantCommand(program, 'bulk-runs', 'list resumes, suspends and returns of many mails, newest first')
    .argument('<project>')
    .action((project: string, options: CommonOptions) =>
      runInTenant(options, (ctx) => listRuns(ctx, project)),
    );
  addTenantCommand(program, 'stop-bulk-run', 'stop one of them; what is done stays done')
    .argument('<run>')
    .action((run: string, options: CommonOptions) =>
      runInTenant(options, async (ctx) => runAnswer(await stopBulkRun(ctx, { run }))),
    );
  withFilters(addTenantCommand(program, 'export-backlog', 'write held mails to a file'))
    .argument('<project>')
    .argument('<file>')
    .option('--suspended', 'those that were taken out of the backlog')
    .option('--format <format>', `${exportFormats.join(', ')}; eml is one archive of them`, 'csv')
    .action(exportTo);
}

function withFilters(command: Program): Program {
  return command
    .option('--reason <reason...>', holdReasons.join(', '))
    .option('--category <name>')
    .option('--search <text>', 'words of the subject, a recipient, a Message-ID or an id');
}

function filtersOf({ reason, category, search }: FilterOptions): HeldFiltersInput {
  return {
    ...(reason === undefined ? {} : { reason: reason.map(reasonNamed) }),
    ...(category === undefined ? {} : { category }),
    ...(search === undefined ? {} : { search }),
  };
}

function reasonNamed(wanted: string) {
  const reason = holdReasons.find((known) => known === wanted);
  if (reason === undefined) throw new UsageError(`A reason is one of ${holdReasons.join(', ')}.`);
  return reason;
}

// All of them by mistake is worse than one option more.
function selectionOf(ids: readonly string[], options: MoveOptions): HeldSelectionInput {
  if (ids.length > 0 === (options.matching === true)) {
    throw new UsageError('Give the ids of messages, or --matching with the options that they match.');
  }
  return ids.length > 0 ? { ids: [...ids] } : { filter: filtersOf(options) };
}

function list(project: string, options: ListOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const page = await listHeld(ctx, {
      project,
      state: options.suspended === true ? 'suspended' : 'backlog',
      filters: filtersOf(options),
      limit: Number(options.limit),
      ...(options.after === undefined ? {} : { after: options.after }),
    });
    const { backlog, suspended } = await readHeldTotals(ctx, { project });
    const head = ['Id', 'Held (UTC)', 'Why', 'To', 'Subject'];
    const lines = page.items.length === 0 ? ['No mail matches.'] : table(head, page.items.map(rowOf));
    return {
      json: { ...page, totals: { backlog, suspended } },
      lines: [
        ...lines,
        '',
        `${backlog} in the backlog, ${suspended} suspended.`,
        ...(page.next === null ? [] : [`Next: --after ${page.next}`]),
      ],
    };
  });
}

function rowOf(item: HeldItem): string[] {
  const more = item.recipientCount > 1 ? ` +${item.recipientCount - 1}` : '';
  return [
    item.id,
    time(item.heldAt),
    holdReasonFacts[item.reason].label,
    `${plain(item.firstRecipient)}${more}`,
    plain(item.subject).slice(0, 60),
  ];
}

function resume(project: string, ids: string[], options: ResumeOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const selection = selectionOf(ids, options);
    const preview = await previewResume(ctx, { project, selection });
    const run = await startBulkRun(ctx, {
      project,
      kind: 'resume',
      selection,
      asOf: preview.asOf,
      overrides: {
        dayLimit: options.passDayLimit === true,
        recipientsLimit: options.passRecipientsLimit === true,
      },
      mayWait: options.mayWait === true,
      pacePerMinute: options.pace === undefined ? null : Number(options.pace),
    });
    const answer = runAnswer(run);
    const passes = preview.passedBy > 0 && options.passDayLimit === true;
    const passed = `They pass the limit of the day, ${preview.limit}, by ${preview.passedBy} (${preview.percent} %).`;
    const waits = preview.waiting.map(
      ({ reason }) => `They wait in the queue: ${reason.replaceAll('_', ' ')}.`,
    );
    return { json: answer.json, lines: [...answer.lines, ...(passes ? [passed] : []), ...waits] };
  });
}

function runAnswer(run: BulkRunView): Answer {
  const words = { running: 'goes on in the background', done: 'done', stopped: 'stopped' };
  return {
    json: run,
    lines: [
      `Run ${run.id}: ${run.done} of ${run.expected} done, ${run.skipped} skipped, ${words[run.state]}.`,
    ],
  };
}

async function listRuns(ctx: Context, project: string): Promise<Answer> {
  const runs = await listBulkRuns(ctx, { project });
  const head = ['Id', 'Kind', 'Began (UTC)', 'By', 'State', 'Done', 'Skipped', 'Of'];
  const rows = runs.map((run) => [
    run.id,
    run.kind,
    time(run.startedAt),
    plain(run.startedBy),
    run.state,
    String(run.done),
    String(run.skipped),
    String(run.expected),
  ]);
  return { json: { runs }, lines: rows.length === 0 ? ['There was none.'] : table(head, rows) };
}

function exportTo(project: string, file: string, options: ExportOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const format = exportFormats.find((known) => known === options.format);
    if (existsSync(file)) throw new UsageError('There is such a file already.');
    if (format === undefined) throw new UsageError(`A format is one of ${exportFormats.join(', ')}.`);
    const held = await exportHeld(ctx, {
      project,
      state: options.suspended === true ? 'suspended' : 'backlog',
      selection: { filter: filtersOf(options) },
      format,
    });
    await pipeline(held.bytes(), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
    return { json: { file, mails: held.mails }, lines: [`${held.mails} mails are in ${file}.`] };
  });
}
