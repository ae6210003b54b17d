import type { Command as Program } from 'commander';
import { previewLimitChange } from '#lib/limits/preview-limit-change.ts';
import { readLimitHistory } from '#lib/limits/read-limit-history.ts';
import { readLimits } from '#lib/limits/read-limits.ts';
import type { LimitNumbers, LimitScopeView, LimitsView, SaveLimit } from '#lib/limits/limits-view.ts';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { saveLimitCalendar } from '#lib/limits/save-limit-calendar.ts';
import { saveLimitPolicy } from '#lib/limits/save-limit-policy.ts';
import { facts, plain, table, time } from './output.ts';
import { addTenantCommand, type CommonOptions, runInTenant, UsageError } from './run-command.ts';

const scopeHelp = 'smtp, ews, graph, or project: and a short name, such as project:billing';

/** Limits, how a day is cut, and auto resume. */
export function addLimitCommands(program: Program): void {
  addTenantCommand(program, 'limits', 'show the limits and what is used of them')
    .argument('[project]', 'what its mail meets; the whole organization when left out')
    .action(show);
  addTenantCommand(program, 'limit-history', 'show the last days of a limit')
    .argument('<scope>', scopeHelp)
    .action(showHistory);
  addTenantCommand(program, 'set-limit', 'change a limit; "none" takes it away')
    .argument('<scope>', scopeHelp)
    .option('--per-day <mails>', 'mails a day')
    .option('--recipients <number>', 'recipients of one mail')
    .option('--reserve <mails>', 'mails of the day that only high priority may use')
    .option('--dry-run', 'only tell what it would do')
    .action(setLimit);
  addTenantCommand(program, 'set-limit-policy', 'choose what becomes of a mail with too many recipients')
    .argument('<choice>', 'hold, split or refuse')
    .action((choice: string, options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        const recipientsPolicy = oneOf(choice, ['hold', 'split', 'refuse']);
        const saved = await saveLimitPolicy(ctx, { recipientsPolicy });
        return { json: saved, lines: [`A mail with too many recipients: ${saved.recipientsPolicy}.`] };
      }),
    );
  addTenantCommand(program, 'set-day', 'choose how a day is cut, from the end of the running one on')
    .option('--kind <kind>', 'calendar (midnight to midnight) or rolling (the last 24 hours)')
    .option('--time-zone <zone>', 'such as Europe/Lisbon')
    .action(setDay);
  addTenantCommand(program, 'auto-resume', 'let held mail go by itself when there is room')
    .argument('<choice>', 'on, off, or for a project default')
    .argument('[project]', 'the organization when left out')
    .option('--threshold <mails>', 'only while fewer wait')
    .action(setAutoResume);
}

function show(project: string | undefined, options: CommonOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const limits = await readLimits(ctx, project === undefined ? {} : { project });
    const head = ['Limit', 'Used', 'A day', 'Expected', 'Held', 'Recipients', 'Largest', 'Held'];
    return { json: limits, lines: [...table(head, limits.scopes.map(rowOf)), '', ...windowLines(limits)] };
  });
}

function rowOf(scope: LimitScopeView): string[] {
  return [
    scope.project === null ? scope.label : `project:${scope.project.slug}`,
    String(scope.used),
    String(scope.mailsPerDay ?? 'no limit'),
    String(scope.expectedByEnd ?? '–'),
    String(scope.heldNow.dayLimit),
    String(scope.recipientsPerMail ?? 'no limit'),
    String(scope.largestToday),
    String(scope.heldNow.recipientsLimit),
  ];
}

function windowLines({ window, nextWindow, policy }: LimitsView): string[] {
  return facts({
    Day: window.kind === 'rolling' ? 'the last 24 hours' : `calendar day in ${window.timeZone}`,
    'Ends (UTC)': window.endsAt === null ? null : time(window.endsAt),
    Then:
      nextWindow === null
        ? null
        : `${nextWindow.kind} in ${nextWindow.timeZone} from ${time(nextWindow.startsAt)}`,
    'Too many recipients': policy.recipientsPolicy,
    'Auto resume': policy.autoResume
      ? `on${policy.autoResumeThreshold === null ? '' : `, while fewer than ${policy.autoResumeThreshold} wait`}`
      : 'off',
  });
}

function showHistory(scope: string, options: CommonOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const days = await readLimitHistory(ctx, { scope });
    const rows = days.map((day) => [
      day.day,
      String(day.sent),
      String(day.held),
      String(day.limit ?? 'no limit'),
    ]);
    return { json: days, lines: table(['Day', 'Sent', 'Held', 'Limit'], rows) };
  });
}

interface SetLimitOptions extends CommonOptions {
  readonly perDay?: string;
  readonly recipients?: string;
  readonly reserve?: string;
  readonly dryRun?: boolean;
}

function setLimit(
  scope: string,
  { perDay, recipients, reserve, dryRun, ...options }: SetLimitOptions,
): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const change: Omit<SaveLimit, 'scope' | 'expected'> = {
      ...(perDay === undefined ? {} : { mailsPerDay: amount(perDay) }),
      ...(recipients === undefined ? {} : { recipientsPerMail: amount(recipients) }),
      ...(reserve === undefined ? {} : { highReserve: amount(reserve) ?? 0 }),
    };
    if (Object.keys(change).length === 0) throw new UsageError('Give --per-day, --recipients or --reserve.');
    if (dryRun === true) {
      const { highReserve: _, ...previewed } = change;
      const preview = await previewLimitChange(ctx, { scope, ...previewed });
      return {
        json: preview,
        lines: facts({
          'Would go out now': preview.wouldGoOutNow,
          [`Days of ${preview.days} that reach it`]: `${preview.daysReached.after}, were ${preview.daysReached.before}`,
          'Mails held': `${preview.mailsHeld.after}, were ${preview.mailsHeld.before}`,
          'Room left': preview.roomLeft.after ?? 'no limit',
        }),
      };
    }
    const { scopes } = await readLimits(ctx, scope.startsWith('project:') ? { project: scope.slice(8) } : {});
    const shown = scopes.find((each) => each.id === scope || each.project !== null);
    const saved = await saveLimit(ctx, { scope, ...change, expected: numbersOf(shown) });
    return {
      json: saved,
      lines: facts({
        Limit: plain(scope),
        'Mails a day': saved.mailsPerDay ?? 'no limit',
        'Recipients of one mail': saved.recipientsPerMail ?? 'no limit',
        'Set aside for high priority': saved.highReserve,
      }),
    };
  });
}

function numbersOf(scope: LimitScopeView | undefined): LimitNumbers {
  return {
    mailsPerDay: scope?.mailsPerDay ?? null,
    recipientsPerMail: scope?.recipientsPerMail ?? null,
    highReserve: scope?.highReserve ?? 0,
  };
}

// What is no number stays one that the verb refuses with its own words.
function amount(text: string): number | null {
  return text === 'none' ? null : Number(text);
}

function setDay({
  kind,
  timeZone,
  ...options
}: CommonOptions & { kind?: string; timeZone?: string }): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const saved = await saveLimitCalendar(ctx, {
      ...(kind === undefined ? {} : { kind: oneOf(kind, ['calendar', 'rolling']) }),
      ...(timeZone === undefined ? {} : { timeZone }),
    });
    const { window, nextWindow } = await readLimits(ctx, {});
    return {
      json: { ...saved, startsAt: nextWindow?.startsAt ?? window.startsAt },
      lines: facts({
        Day: saved.kind,
        'Time zone': saved.timeZone,
        'From (UTC)': nextWindow === null ? 'now' : time(nextWindow.startsAt),
      }),
    };
  });
}

function setAutoResume(
  choice: string,
  project: string | undefined,
  { threshold, ...options }: CommonOptions & { threshold?: string },
): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const wanted = oneOf(choice, ['on', 'off', 'default']);
    const saved = await saveAutoResume(ctx, {
      project: project ?? null,
      autoResume: wanted === 'default' ? null : wanted === 'on',
      threshold: threshold === undefined ? null : amount(threshold),
    });
    return { json: saved, lines: [`Auto resume of ${project ?? 'the organization'}: ${wanted}.`] };
  });
}

function oneOf<Word extends string>(given: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === given);
  if (word === undefined) throw new UsageError(`Give one of ${words.join(', ')}.`);
  return word;
}
