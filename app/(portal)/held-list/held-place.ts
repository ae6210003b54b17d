import type { HeldState } from '#lib/backlog/schemas.ts';
import { paths } from '#lib/paths.ts';
import type { HeldSearch } from './held-search.ts';

/** Where a list of held mail stands: of one project, or (null) of the organization. */
export interface HeldPlace {
  readonly organization: string;
  readonly project: string | null;
  readonly state: HeldState;
}

type Query = Readonly<Record<string, string | number | null | undefined>>;

/** The list's own address. */
export function heldHref({ organization, project, state }: HeldPlace, query?: Query): string {
  if (state === 'backlog') {
    return project === null
      ? paths.organizationBacklog(organization, query)
      : paths.backlog(organization, project, query);
  }
  return project === null
    ? paths.organizationSuspended(organization, query)
    : paths.suspended(organization, project, query);
}

/** The file with what the list shows, pages left out. */
export function heldFileHref({ organization, project, state }: HeldPlace, search: HeldSearch): string {
  const { q, reason, held, priority, category, recipients } = search;
  const filter = { q, reason, held, priority, category, recipients };
  if (project !== null) {
    return state === 'backlog'
      ? paths.backlogFile(organization, project, filter)
      : paths.suspendedFile(organization, project, filter);
  }
  const query = { ...filter, project: search.project };
  return state === 'backlog'
    ? paths.organizationBacklogFile(organization, query)
    : paths.organizationSuspendedFile(organization, query);
}
