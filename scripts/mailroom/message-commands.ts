import type { Command as Program } from 'commander';
import { acceptMessage } from '#lib/messages/accept-message.ts';
import { cancelMessage } from '#lib/messages/cancel-messages.ts';
import { countMessages } from '#lib/messages/count-messages.ts';
import { getMessage, type MessageDetail } from '#lib/messages/get-message.ts';
import { messageStates } from '#lib/messages/labels.ts';
import { listMessages } from '#lib/messages/list-messages.ts';
import type { MessageListItem } from '#lib/messages/present-message.ts';
import { releaseMessages } from '#lib/messages/release-messages.ts';
import { resendMessage } from '#lib/messages/resend-message.ts';
import { holdReasonFacts } from '#lib/policy/hold-reasons.ts';
import { readOrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import { type Answer, facts, plain, table, time } from './output.ts';
import { readJson, readText } from './read-input.ts';
import { addTenantCommand, type CommonOptions, runInTenant, UsageError } from './run-command.ts';

interface SendOptions extends CommonOptions {
  readonly to?: readonly string[];
  readonly subject?: string;
  readonly text?: string;
  readonly file?: string;
}

interface ListOptions extends CommonOptions {
  readonly state?: readonly string[];
  readonly search?: string;
  readonly before?: string;
  readonly limit: string;
}

/** Messages of a project: hand in, look at, cancel, resend, release. */
export function addMessageCommands(program: Program): void {
  addTenantCommand(program, 'send', 'hand in a message')
    .argument('<project>')
    .option('--to <address...>', 'recipients')
    .option('--subject <text>')
    .option('--text <file>', 'file that holds the text; - reads standard input')
    .option('--file <file>', 'the whole message as the API takes it, in JSON, instead of the options above')
    .action(send);
  addTenantCommand(program, 'status', 'show one message, or what the workers and a project do')
    .argument('[project]')
    .argument('[message]', 'id of the message')
    .action(status);
  addTenantCommand(program, 'messages', "list a project's messages, newest first")
    .argument('<project>')
    .option('--state <state...>', messageStates.join(', '))
    .option('--search <text>', 'words of the subject, a recipient, a Message-ID or an id')
    .option('--before <id>', 'only older ones than this')
    .option('--limit <count>', 'at most so many', '50')
    .action(list);
  addTenantCommand(program, 'cancel', 'cancel a message that has not started')
    .argument('<project>')
    .argument('<message>')
    .action((project: string, id: string, options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        const cancelled = await cancelMessage(ctx, { project, id });
        return { json: cancelled, lines: ['The message is cancelled.'] };
      }),
    );
  addTenantCommand(program, 'resend', 'send a finished message again')
    .argument('<project>')
    .argument('<message>')
    .option('--to <address...>', 'other recipients than its own')
    .action((project: string, id: string, { to, ...options }: SendOptions) =>
      runInTenant(options, async (ctx) => {
        const again = await resendMessage(ctx, { project, id, ...(to === undefined ? {} : { to: [...to] }) });
        return { json: again, lines: facts({ 'Accepted as': again.id, 'Message-ID': again.messageId }) };
      }),
    );
  addTenantCommand(program, 'release', 'let captured messages leave')
    .argument('<project>')
    .argument('<message...>')
    .action((project: string, ids: string[], options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        const result = await releaseMessages(ctx, { project, ids });
        return { json: result, lines: [`${result.done} released, ${result.skipped} skipped.`] };
      }),
    );
}

function send(project: string, options: SendOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const answer = await acceptMessage(ctx, project, await messageOf(options));
    if (answer.kind === 'dry_run') {
      return { json: answer.dryRun, lines: [JSON.stringify(answer.dryRun, null, 2)] };
    }
    const { message } = answer;
    return {
      json: message,
      lines: facts({
        Accepted: message.id,
        'Message-ID': message.messageId,
        Recipients: message.recipients,
        Held: message.held === null ? null : holdReasonFacts[message.held].phrase,
        Waits: message.waiting?.replaceAll('_', ' ') ?? null,
      }),
    };
  });
}

async function messageOf({ file, to, subject, text }: SendOptions): Promise<unknown> {
  if (file !== undefined) return readJson(file);
  if (to === undefined || text === undefined) {
    throw new UsageError('Give --to, --subject and --text, or the whole message with --file.');
  }
  return { to, subject: subject ?? '', text: await readText(text) };
}

function list(project: string, options: ListOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const page = await listMessages(ctx, {
      project,
      limit: Number(options.limit),
      ...(options.search === undefined ? {} : { search: options.search }),
      ...(options.before === undefined ? {} : { before: options.before }),
      ...(options.state === undefined ? {} : { state: statesOf(options.state) }),
    });
    const head = ['Id', 'Accepted (UTC)', 'State', 'To', 'Subject'];
    const lines =
      page.messages.length === 0 ? ['No message matches.'] : table(head, page.messages.map(rowOf));
    return { json: page, lines: page.older === null ? lines : [...lines, `Older: --before ${page.older}`] };
  });
}

function statesOf(given: readonly string[]) {
  return given.map((wanted) => {
    const state = messageStates.find((known) => known === wanted);
    if (state === undefined) throw new UsageError(`A state is one of ${messageStates.join(', ')}.`);
    return state;
  });
}

function rowOf(message: MessageListItem): string[] {
  const more = message.recipientCount > 1 ? ` +${message.recipientCount - 1}` : '';
  return [
    message.id,
    time(message.acceptedAt),
    message.state,
    `${plain(message.firstRecipient)}${more}`,
    plain(message.subject).slice(0, 60),
  ];
}

function status(project: string | undefined, id: string | undefined, options: CommonOptions): Promise<void> {
  return runInTenant(options, async (ctx): Promise<Answer> => {
    if (project !== undefined && id !== undefined) {
      const message = await getMessage(ctx, { project, id });
      return { json: message, lines: messageLines(message) };
    }
    const { workers, fleetStop, projects } = await readOrganizationOverview(ctx);
    const overview = projects.find(({ slug, id: known }) => project === slug || project === known);
    const counts = project === undefined ? null : await countMessages(ctx, { project });
    return {
      json: { workers, fleetStop, project: overview ?? null, counts },
      lines: facts({
        Workers: `${workers.answering} answer`,
        Sending: fleetStop === null ? 'on' : `stopped since ${time(fleetStop.at)}: ${fleetStop.reason}`,
        State: overview?.state.replaceAll('_', ' ') ?? null,
        Waiting: overview?.waiting ?? null,
        ...counts?.byState,
      }),
    };
  });
}

function messageLines(message: MessageDetail): string[] {
  const recipients = message.recipients.map(({ address, state, reply }) => [
    plain(address),
    state,
    plain(reply),
  ]);
  const attempts = message.attempts.map((attempt) => [
    String(attempt.number),
    time(attempt.startedAt),
    attempt.outcome,
    attempt.stage ?? '–',
    plain(attempt.reply),
  ]);
  return [
    ...facts({
      State: message.state,
      Why: message.waiting?.explanation ?? message.stateReason,
      Subject: plain(message.subject),
      Accepted: time(message.acceptedAt),
      Sent: message.sentAt === null ? null : time(message.sentAt),
      'Message-ID': plain(message.messageId),
    }),
    '',
    ...table(['Recipient', 'State', 'Reply'], recipients),
    ...(attempts.length === 0
      ? []
      : ['', ...table(['Try', 'When (UTC)', 'Outcome', 'Stage', 'Reply'], attempts)]),
  ];
}
