import type { Command as Program } from 'commander';
import type { Context } from '#lib/context.ts';
import { setNoticeSender } from '#lib/notices/set-notice-sender.ts';
import { archiveProject } from '#lib/organizations/archive-project.ts';
import { createProject } from '#lib/organizations/create-project.ts';
import { renameProject } from '#lib/organizations/rename-project.ts';
import { restoreProject } from '#lib/organizations/restore-project.ts';
import { setDefaultProject } from '#lib/organizations/set-default-project.ts';
import { compareByTrouble } from '#lib/overview/project-state.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import { readOrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import { reconnectToPrimary } from '#lib/queue/reconnect-to-primary.ts';
import { tryLaneAgain } from '#lib/queue/try-lane-again.ts';
import { createLaneWaker } from '#lib/queue/lane-waker.ts';
import { sendingModeWords, transportWords } from '#lib/settings/labels.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { facts, table, time } from './output.ts';
import { addTenantCommand, type CommonOptions, runInTenant } from './run-command.ts';

interface CreateOptions extends CommonOptions {
  readonly name: string;
  readonly slug?: string;
}

/** Projects and their sending. */
export function addProjectCommands(program: Program): void {
  addTenantCommand(
    program,
    'create-project',
    "make a project, with a copy of the default project's mail settings",
  )
    .requiredOption('--name <name>', 'its name')
    .option('--slug <slug>', 'its short name in addresses; made from the name when left out')
    .action(makeProject);
  addTenantCommand(program, 'list-projects', 'list the projects with their state at a glance').action(
    listAll,
  );
  addTenantCommand(program, 'rename-project', 'give a project another name')
    .argument('<project>')
    .requiredOption('--name <name>', 'its new name')
    .action((project: string, { name, ...options }: CreateOptions) =>
      runInTenant(options, async (ctx) => {
        const renamed = await renameProject(ctx, { project, name });
        return { json: renamed, lines: facts({ Project: renamed.name, 'Short name': renamed.slug }) };
      }),
    );
  addTenantCommand(program, 'default-project', 'choose whose mail settings new projects start with')
    .argument('[project]', 'none when left out')
    .action((project: string | undefined, options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        await setDefaultProject(ctx, { project: project ?? null });
        const words =
          project === undefined ? 'New projects start without mail settings.' : `${project} is the default.`;
        return { json: { defaultProject: project ?? null }, lines: [words] };
      }),
    );
  addTenantCommand(program, 'notice-sender', "choose the project that sends Mailroom's own notices")
    .argument('[project]', 'none when left out')
    .action((project: string | undefined, options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        await setNoticeSender(ctx, { project: project ?? null });
        const words =
          project === undefined ? 'Notices are only shown, not mailed.' : `Notices are sent by ${project}.`;
        return { json: { noticeSender: project ?? null }, lines: [words] };
      }),
    );
  addLaneCommand(program, 'pause', "pause a project's sending", 'is paused', pauseSending);
  addLaneCommand(program, 'resume', "start a project's sending again", 'sends', resumeSending);
  addLaneCommand(
    program,
    'try-again',
    'let a stopped or waiting project try its server again',
    'tries again',
    tryLaneAgain,
  );
  addLaneCommand(
    program,
    'reconnect',
    'go back from the alternate server to the primary',
    'sends by its primary server',
    reconnectToPrimary,
  );
  addLaneCommand(program, 'archive-project', 'archive a project', 'is archived', archiveProject);
  addLaneCommand(
    program,
    'restore-project',
    'bring an archived project back, paused',
    'is back, paused',
    restoreProject,
  );
}

// Verbs that change whether or where a project sends; the workers hear of it at once.
function addLaneCommand(
  program: Program,
  usage: string,
  description: string,
  result: string,
  verb: (ctx: Context, input: { project: string }) => Promise<{ laneId: string }>,
): void {
  addTenantCommand(program, usage, description)
    .argument('<project>')
    .action((project: string, options: CommonOptions) =>
      runInTenant(options, async (ctx) => {
        const { laneId } = await verb(ctx, { project });
        await wakeLane(ctx, laneId);
        return { json: { project, laneId, result }, lines: [`${project} ${result}.`] };
      }),
    );
}

/** Tells the workers, before this process ends. */
export async function wakeLane(ctx: Context, laneId: string): Promise<void> {
  const waker = createLaneWaker(ctx.database);
  waker.wake(laneId);
  await waker.close();
}

function makeProject({ name, slug, ...options }: CreateOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const made = await createProject(ctx, { name, ...(slug === undefined ? {} : { slug }) });
    return {
      json: made,
      lines: facts({
        Project: made.name,
        'Short name': made.slug,
        Id: made.id,
        'Mail settings': made.copiedFrom === null ? 'not set up' : `copied from ${made.copiedFrom.name}`,
      }),
    };
  });
}

function listAll(options: CommonOptions): Promise<void> {
  return runInTenant(options, async (ctx) => {
    const overview = await readOrganizationOverview(ctx);
    const projects = overview.projects.toSorted(compareByTrouble);
    const head = [
      'Project',
      'State',
      'Mode',
      'Transport',
      'Sent today',
      'Failed',
      'Waiting',
      'Oldest waiting',
    ];
    const lines = projects.length === 0 ? ['No project yet.'] : table(head, projects.map(rowOf));
    return { json: { ...overview, projects }, lines };
  });
}

function rowOf(project: ProjectOverview): string[] {
  const { server } = project;
  return [
    project.slug,
    project.state.replaceAll('_', ' '),
    sendingModeWords[project.mode.kind],
    server === null ? '–' : `${transportWords[server.transport]} ${server.host}:${server.port}`,
    String(project.sentToday),
    String(project.failedToday),
    String(project.waiting),
    time(project.oldestWaitingAt),
  ];
}
