import type { ShownProjectState } from '../_ui/state-labels.ts';

/** The drawings that a navigation entry may name; drawings themselves cannot pass from server to browser. */
export type NavIconName =
  | 'home'
  | 'history'
  | 'inbox'
  | 'members'
  | 'keys'
  | 'book'
  | 'limits'
  | 'pools'
  | 'connections'
  | 'fleet'
  | 'backlog'
  | 'suspended'
  | 'capacity'
  | 'notices';

/** A page of the organization. */
export type NavEntry = {
  label: string;
  href: string;
  icon: NavIconName;
  /** The letter after `g`. */
  key?: string | undefined;
  count?: number | undefined;
  /** Current only at this very address, not below it. */
  exact?: boolean | undefined;
};

/** A page that every project has; `suffix` follows the project's address ('' is its overview). */
export type ProjectEntry = {
  label: string;
  suffix: '' | `/${string}`;
  key?: string | undefined;
  /** Shown only while it has a figure, or is open. */
  onlyCounted?: true | undefined;
};

/** Something to do or to look at that has no entry of its own in the navigation; the palette knows it. */
export type ShellCommand = { label: string; href: string };

export type ShellProject = {
  name: string;
  href: string;
  state: ShownProjectState;
  waiting: number;
  /** Figures beside its pages, by their `suffix`; a zero is not shown. */
  counts: Readonly<Record<string, number>>;
};

type ShellOrganization = { name: string; href: string };

export type ShellData = {
  organization: ShellOrganization;
  /** All organizations of the reader; with only one the switcher is a plain name. */
  organizations: ReadonlyArray<ShellOrganization>;
  entries: ReadonlyArray<NavEntry>;
  projects: ReadonlyArray<ShellProject>;
  projectEntries: ReadonlyArray<ProjectEntry>;
  /** The palette's own commands of the organization, and of the open project (`href` follows its address). */
  commands: ReadonlyArray<ShellCommand>;
  projectCommands: ReadonlyArray<ShellCommand>;
  newProjectHref?: string | undefined;
  workers: { answering: number; slowestBeatMs?: number | undefined };
  user: { email: string; links: ReadonlyArray<{ label: string; href: string }> };
  /** Address of the event stream that says when the page is old. */
  liveHref?: string | undefined;
};

function isAt(pathname: string, href: string, exact?: boolean): boolean {
  return pathname === href || (!exact && pathname.startsWith(`${href}/`));
}

export function currentEntry(data: ShellData, pathname: string): NavEntry | undefined {
  return data.entries.find((entry) => isAt(pathname, entry.href, entry.exact));
}

export function currentProject(data: ShellData, pathname: string): ShellProject | undefined {
  return data.projects.find((project) => isAt(pathname, project.href));
}

/** The project's page that is open: the entry with the longest matching address. */
export function currentProjectEntry(
  data: ShellData,
  project: ShellProject,
  pathname: string,
): ProjectEntry | undefined {
  return data.projectEntries
    .filter((entry) => isAt(pathname, project.href + entry.suffix, entry.suffix === ''))
    .toSorted((a, b) => b.suffix.length - a.suffix.length)[0];
}
