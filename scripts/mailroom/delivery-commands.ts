import type { Command as Program } from 'commander';
import { startMessageRun } from '#lib/messages/start-message-run.ts';
import { previewDelivery } from '#lib/delivery/preview-delivery.ts';
import { defaultDeliveryRules, readDelivery } from '#lib/delivery/read-delivery.ts';
import { saveDelivery } from '#lib/delivery/save-delivery.ts';
import { deliveryRules, type DeliveryRules } from '#lib/delivery/schemas.ts';
import { messageRunKinds, messageStates } from '#lib/messages/labels.ts';
import { planTries } from '#lib/policy/decide-retry.ts';
import { uncertainChoice } from '#lib/settings/schemas.ts';
import { type Answer, facts } from './output.ts';
import { addTenantCommand, type CommonOptions, runInTenant, UsageError } from './run-command.ts';

interface DeliveryOptions extends CommonOptions {
  readonly firstWait?: string;
  readonly growth?: string;
  readonly longestWait?: string;
  readonly jitter?: string;
  readonly giveUpAfter?: string;
  readonly uncertain?: string;
  readonly default?: boolean;
}

interface ActOptions extends CommonOptions {
  readonly matching?: boolean;
  readonly state?: readonly string[];
  readonly category?: string;
  readonly search?: string;
}

/** How mail is tried again, and what is done to many messages at once. */
export function addDeliveryCommands(program: Program): void {
  addTenantCommand(
    program,
    'delivery',
    'show or change how mail is tried again and what becomes of mail in doubt',
  )
    .argument('<project>')
    .option('--first-wait <seconds>', 'before the second try')
    .option('--growth <factor>', 'each wait is so many times the one before')
    .option('--longest-wait <seconds>')
    .option('--jitter <percent>', 'moves each wait by up to so much')
    .option('--give-up-after <hours>', 'of time in which the mail could be tried')
    .option('--uncertain <choice>', uncertainChoice.options.join(', '))
    .option('--default', 'back to the default')
    .action(delivery);
  addTenantCommand(program, 'act-on-messages', 'do one thing to chosen messages, or to all that match')
    .argument('<what>', messageRunKinds.join(', '))
    .argument('<project>')
    .argument('[message...]', 'ids of the messages')
    .option('--matching', 'all that match the options, instead of chosen ones')
    .option('--state <state...>', messageStates.join(', '))
    .option('--category <name>')
    .option('--search <text>', 'words of the subject, a recipient, a Message-ID or an id')
    .action(act);
}

function delivery(project: string, options: DeliveryOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const view = await readDelivery(ctx, { project });
    const wanted = options.default === true ? defaultDeliveryRules : changed(view.rules, options);
    if (wanted === view.rules || view.version === null) {
      if (wanted !== view.rules) throw new UsageError('Set the mail of this project up first.');
      return { json: view, lines: rulesLines(view.rules) };
    }
    const rules = parsed(wanted);
    const preview = await previewDelivery(ctx, { project, rules });
    const saved = await saveDelivery(ctx, { project, rules, expectedVersion: view.version });
    return {
      json: { ...saved, rules, preview },
      lines: [
        ...rulesLines(rules),
        `Version ${saved.version}. ${preview.retrying} mails keep their next time, ${preview.lastTry} of them as their last.`,
      ],
    };
  });
}

// The verb names each fault by its field; only what is no number at all is a wrong call.
function changed(rules: DeliveryRules, options: DeliveryOptions): DeliveryRules {
  const { firstWait, growth, longestWait, jitter, giveUpAfter, uncertain } = options;
  const given = [firstWait, growth, longestWait, jitter, giveUpAfter, uncertain];
  if (given.every((each) => each === undefined)) return rules;
  const choice = uncertainChoice.options.find((known) => known === uncertain);
  if (uncertain !== undefined && choice === undefined) {
    throw new UsageError(`--uncertain is one of ${uncertainChoice.options.join(', ')}.`);
  }
  return {
    retry: {
      firstWaitSeconds: numberOf(firstWait, rules.retry.firstWaitSeconds),
      factor: numberOf(growth, rules.retry.factor),
      maxWaitSeconds: numberOf(longestWait, rules.retry.maxWaitSeconds),
      jitterPercent: numberOf(jitter, rules.retry.jitterPercent),
      giveUpAfterHours: numberOf(giveUpAfter, rules.retry.giveUpAfterHours),
    },
    uncertain: choice ?? rules.uncertain,
  };
}

function numberOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`"${text}" is no number.`);
  return value;
}

function parsed(rules: DeliveryRules): DeliveryRules {
  const read = deliveryRules.safeParse(rules);
  if (read.success) return read.data;
  throw new UsageError(read.error.issues.map(({ message }) => message).join(' '));
}

function rulesLines({ retry, uncertain }: DeliveryRules): string[] {
  const tries = planTries(retry);
  const minutes = tries.slice(0, 6).map((ms) => Math.round(ms / 60_000));
  return facts({
    'First wait': `${retry.firstWaitSeconds} s`,
    Growth: `x ${retry.factor}`,
    'Longest wait': `${retry.maxWaitSeconds} s`,
    Jitter: `${retry.jitterPercent} %`,
    'Gives up after': `${retry.giveUpAfterHours} h`,
    Tries: `${tries.length + 1}, again after about ${minutes.join(', ')} min${tries.length > 6 ? ' …' : ''}`,
    'Mail in doubt': uncertain,
  });
}

function act(what: string, project: string, ids: string[], options: ActOptions): Promise<void> {
  return runInTenant(options, async (ctx): Promise<Answer> => {
    const kind = messageRunKinds.find((known) => known === what);
    if (kind === undefined) throw new UsageError(`What is done is one of ${messageRunKinds.join(', ')}.`);
    // All of them by mistake is worse than one option more.
    if (ids.length > 0 === (options.matching === true)) {
      throw new UsageError('Give the ids of messages, or --matching with the options that they match.');
    }
    const { state, category, search } = options;
    const run = await startMessageRun(ctx, {
      project,
      kind,
      selection:
        ids.length > 0
          ? { ids }
          : {
              filter: {
                ...(state === undefined ? {} : { state: state.map(stateNamed) }),
                ...(category === undefined ? {} : { category }),
                ...(search === undefined ? {} : { search }),
              },
            },
    });
    const words = { running: 'goes on in the background', done: 'done', stopped: 'stopped' };
    return {
      json: run,
      lines: [
        `Run ${run.id}: ${run.done} of ${run.expected} done, ${run.skipped} skipped, ${words[run.state]}.`,
      ],
    };
  });
}

function stateNamed(wanted: string) {
  const state = messageStates.find((known) => known === wanted);
  if (state === undefined) throw new UsageError(`A state is one of ${messageStates.join(', ')}.`);
  return state;
}
