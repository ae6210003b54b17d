import type { ProjectOverview } from '#lib/overview/present-project.ts';
import type { FlowHour } from '../../_ui/flow-chart.tsx';
import { compareByTrouble } from '#lib/overview/project-state.ts';
import { paths } from '#lib/paths.ts';
import { transportWords } from '#lib/settings/labels.ts';
import type { ProjectRow } from './projects-table.tsx';

/** A mail that has waited longer than this is shown in red. */
const lateAfterMs = 15 * 60_000;

/** Sums over the projects that are not archived. */
export interface HomeSums {
  readonly sentToday: number;
  readonly failedToday: number;
  readonly waiting: number;
  readonly captured: number;
  readonly uncertain: number;
  readonly backlog: number;
  readonly oldestWaitingAt: Date | null;
}

export function isLate(since: Date | null, now: Date): boolean {
  return since !== null && now.getTime() - since.getTime() > lateAfterMs;
}

export function sumProjects(projects: readonly ProjectOverview[]): HomeSums {
  const sum = (pick: (project: ProjectOverview) => number) =>
    projects.reduce((total, project) => total + pick(project), 0);
  const oldest = projects
    .map(({ oldestWaitingAt }) => oldestWaitingAt)
    .filter((at) => at !== null)
    .toSorted((a, b) => a.getTime() - b.getTime())[0];
  return {
    sentToday: sum((project) => project.sentToday),
    failedToday: sum((project) => project.failedToday),
    waiting: sum((project) => project.waiting),
    captured: sum((project) => project.captured),
    uncertain: sum((project) => project.uncertain),
    backlog: sum((project) => project.held.backlog),
    oldestWaitingAt: oldest ?? null,
  };
}

/** The flow of all projects together, hour by hour. */
export function flowHours(projects: readonly ProjectOverview[]): FlowHour[] {
  const [first] = projects;
  return (first?.hours ?? []).map(({ at }, index) => {
    const hours = projects.map((project) => project.hours[index]);
    return {
      hour: at.toISOString(),
      sent: hours.reduce((sum, hour) => sum + (hour?.sent ?? 0), 0),
      held: hours.reduce((sum, hour) => sum + (hour?.held ?? 0), 0),
      failed: hours.reduce((sum, hour) => sum + (hour?.failed ?? 0), 0),
    };
  });
}

/** The table's rows, worst first. */
export function projectRows(
  organization: string,
  projects: readonly ProjectOverview[],
  now: Date,
): ProjectRow[] {
  return projects.toSorted(compareByTrouble).map((project) => ({
    id: project.id,
    name: project.name,
    href: paths.project(organization, project.slug),
    state: project.state,
    server:
      project.server === null
        ? null
        : {
            transport: transportWords[project.server.transport],
            address: project.server.address,
          },
    setUpHref: project.state === 'not_set_up' ? paths.mailSettings(organization, project.slug) : null,
    hours: project.hours.map(({ sent, held, failed }) => ({ sent, held, failed })),
    sentToday: project.sentToday,
    waiting: project.waiting,
    backlog: project.held.backlog,
    dayLimit:
      project.dayLimit === null ? null : { used: project.dayLimit.used, limit: project.dayLimit.limit },
    oldestWaitingAt: project.oldestWaitingAt?.toISOString() ?? null,
    isOldestLate: isLate(project.oldestWaitingAt, now),
  }));
}
