import { can } from '#lib/access/can.ts';
import type { Context } from '#lib/context.ts';
import { demoOrganization } from '#lib/inbox/inbox-membership.ts';
import type { ProjectOverview } from '#lib/overview/present-project.ts';
import type { ProjectState } from '#lib/overview/project-state.ts';
import type { OrganizationOverview } from '#lib/overview/read-organization-overview.ts';
import { paths } from '#lib/paths.ts';
import { type HoldReason, holdReasonFacts, holdReasons } from '#lib/policy/hold-reasons.ts';
import type { ResolvedSession } from '#lib/sessions/resolve-session.ts';
import type {
  NavEntry,
  ProjectEntry,
  ShellCommand,
  ShellData,
  ShellProject,
} from '../_components/shell-model.ts';
import { portalEnvironment } from './services.ts';

// Where mail does not go out by itself, the number beside the project says how many wait.
const countedStates: ReadonlySet<ProjectState> = new Set([
  'stopped',
  'consent_missing',
  'paused',
  'unreachable',
]);

/** What the frame of every signed-in page shows. */
export function shellData(ctx: Context, session: ResolvedSession, overview: OrganizationOverview): ShellData {
  const { slowestBeatMs, answering } = overview.workers;
  return {
    organization: { name: overview.name, href: paths.home(overview.slug) },
    organizations: session.memberships.map(({ name, slug }) => ({ name, href: paths.home(slug) })),
    entries: organizationEntries(ctx, overview),
    projects: inOrder(overview.projects).map(shellProject(overview.slug)),
    projectEntries: projectEntries(ctx),
    commands: organizationCommands(ctx, overview.slug),
    projectCommands: [
      ...heldCommands((reason) => `/backlog?reason=${reason}`),
      { label: 'Flood breaker', href: '/flood' },
    ],
    ...(can(ctx.actor, 'project.create', null) ? { newProjectHref: paths.newProject(overview.slug) } : {}),
    workers: { answering, ...(slowestBeatMs === null ? {} : { slowestBeatMs }) },
    user: {
      email: session.email,
      links: [
        { label: 'Account', href: paths.account(overview.slug) },
        { label: 'API reference', href: paths.api.documentation() },
      ],
    },
    liveHref: paths.api.events(overview.slug),
  };
}

function organizationEntries(
  ctx: Context,
  { slug: organization, projects }: OrganizationOverview,
): NavEntry[] {
  const sum = (pick: (project: ProjectOverview) => number) =>
    projects.reduce((total, project) => total + pick(project), 0);
  const entries: NavEntry[] = [
    { label: 'Home', href: paths.home(organization), icon: 'home', key: 'h', exact: true },
    {
      label: 'Backlog',
      href: paths.organizationBacklog(organization),
      icon: 'backlog',
      key: 'b',
      count: sum(({ held }) => held.backlog),
    },
    {
      label: 'Suspended',
      href: paths.organizationSuspended(organization),
      icon: 'suspended',
      key: 'u',
      count: sum(({ held }) => held.suspended),
    },
    { label: 'Limits', href: paths.limits(organization), icon: 'limits', key: 'l' },
    ...(can(ctx.actor, 'organization.read', null)
      ? [{ label: 'Pools', href: paths.pools(organization), icon: 'pools' as const, key: 'p' }]
      : []),
    {
      label: 'Connections',
      href: paths.connections(organization),
      icon: 'connections',
      key: 'c',
    },
  ];
  if (can(ctx.actor, 'fleet.read', null)) {
    entries.push({ label: 'Fleet', href: paths.fleet(organization), icon: 'fleet', key: 'f' });
  }
  if (can(ctx.actor, 'audit.read', null)) {
    entries.push({
      label: 'History',
      href: paths.organizationHistory(organization),
      icon: 'history',
      key: 'y',
    });
  }
  if (organization === demoOrganization && portalEnvironment().inboxFolder !== null) {
    entries.push({ label: 'Inbox', href: paths.inbox(), icon: 'inbox', key: 'i' });
  }
  return entries;
}

function heldCommands(hrefOf: (reason: HoldReason) => string): ShellCommand[] {
  return holdReasons.map((reason) => ({
    label: `Backlog: ${holdReasonFacts[reason].label.toLowerCase()}`,
    href: hrefOf(reason),
  }));
}

function organizationCommands(ctx: Context, organization: string): ShellCommand[] {
  const held = heldCommands((reason) => paths.organizationBacklog(organization, { reason }));
  const newPool = { label: 'New pool', href: paths.newPool(organization) };
  return can(ctx.actor, 'limits.write', null) ? [...held, newPool] : held;
}

function projectEntries(ctx: Context): ProjectEntry[] {
  const all: (ProjectEntry | false)[] = [
    { label: 'Overview', suffix: '', key: 'o' },
    { label: 'Messages', suffix: '/messages', key: 'm' },
    { label: 'Uncertain', suffix: '/uncertain', onlyCounted: true },
    { label: 'Backlog', suffix: '/backlog', key: 'b' },
    { label: 'Suspended', suffix: '/suspended', key: 'u' },
    { label: 'Mail settings', suffix: '/mail-settings', key: 's' },
    { label: 'Delivery', suffix: '/delivery', key: 'd' },
    { label: 'Limits', suffix: '/limits', key: 'l' },
    ctx.actor.kind === 'user' && ctx.actor.role !== 'viewer' && { label: 'History', suffix: '/history' },
    { label: 'API keys', suffix: '/keys', key: 'k' },
  ];
  return all.filter((entry) => entry !== false);
}

// Archived projects stay reachable, below the others.
function inOrder(projects: readonly ProjectOverview[]): ProjectOverview[] {
  return projects.toSorted((a, b) => Number(a.archivedAt !== null) - Number(b.archivedAt !== null));
}

function beside({ state, waiting, held }: ProjectOverview): number {
  if (state === 'at_limit') return held.backlog;
  return countedStates.has(state) ? waiting : 0;
}

function shellProject(organization: string): (project: ProjectOverview) => ShellProject {
  return (project) => ({
    name: project.name,
    href: paths.project(organization, project.slug),
    state: project.state,
    waiting: beside(project),
    counts: {
      '/uncertain': project.uncertain,
      '/backlog': project.held.backlog,
      '/suspended': project.held.suspended,
    },
  });
}
