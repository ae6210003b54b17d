'use client';

import {
  Archive,
  Bell,
  BookOpen,
  ChevronsUpDown,
  Gauge,
  History,
  Inbox,
  KeyRound,
  Layers,
  LayoutList,
  LogOut,
  type LucideIcon,
  Plug,
  Plus,
  Search,
  Server,
  TrendingUp,
  Users,
  Waves,
  X,
} from 'lucide-react';
import Link from 'next/link';
import { IconButton } from '../_ui/button.tsx';
import { cx } from '../_ui/cx.ts';
import { formatDuration, formatNumber } from '../_ui/format-number.ts';
import { Glyph, type GlyphTone } from '../_ui/glyph.tsx';
import { Icon } from '../_ui/icon.tsx';
import { Menu, type MenuEntry } from '../_ui/menu.tsx';
import { projectStateLooks, type StateLook } from '../_ui/state-labels.ts';
import {
  currentEntry,
  currentProject,
  currentProjectEntry,
  type NavIconName,
  type ShellData,
  type ShellProject,
} from './shell-model.ts';
import { ThemeToggle } from './theme-toggle.tsx';

const navIcons: Record<NavIconName, LucideIcon> = {
  home: LayoutList,
  history: History,
  inbox: Inbox,
  members: Users,
  keys: KeyRound,
  book: BookOpen,
  limits: Gauge,
  pools: Waves,
  connections: Plug,
  fleet: Server,
  backlog: Layers,
  suspended: Archive,
  capacity: TrendingUp,
  notices: Bell,
};

type SidebarProps = {
  data: ShellData;
  pathname: string;
  open: boolean;
  onClose: () => void;
  onSearch: () => void;
  onSignOut: () => void;
};

/** The left side: organization, search, navigation, projects, and who answers and who looks. */
export function Sidebar({ data, pathname, open, onClose, onSearch, onSignOut }: SidebarProps) {
  return (
    <aside className="sidebar" id="nav" aria-label="Navigation" {...(open ? { 'data-open': '' } : {})}>
      <div className="sidebar-scroll">
        <div className="row gap-0">
          <OrganizationName data={data} />
          <IconButton icon={X} label="Close navigation" className="only-phone" onClick={onClose} />
        </div>
        <button type="button" className="find" onClick={onSearch} aria-keyshortcuts="Meta+K Control+K">
          <Icon icon={Search} size={14} />
          <span className="flex-1 text-left">Search</span>
          <kbd>⌘K</kbd>
        </button>
        <nav className="nav" aria-label="Organization">
          {data.entries.map((entry) => (
            <Link
              key={entry.href}
              href={entry.href}
              {...(entry === currentEntry(data, pathname) ? { 'aria-current': 'page' } : {})}
            >
              <Icon icon={navIcons[entry.icon]} />
              {entry.label}
              <Count count={entry.count} />
            </Link>
          ))}
        </nav>
        <Projects data={data} pathname={pathname} />
      </div>
      <SidebarFoot data={data} onSignOut={onSignOut} />
    </aside>
  );
}

function Count({ count }: { count: number | undefined }) {
  return count ? <span className="n">{formatNumber(count)}</span> : null;
}

function OrganizationName({ data }: { data: ShellData }) {
  const { organization, organizations } = data;
  if (organizations.length < 2) {
    return (
      <Link className="org" href={organization.href}>
        <span className="mark" />
        <span className="min-w-0 flex-1 truncate">{organization.name}</span>
      </Link>
    );
  }
  return (
    <Menu
      align="start"
      trigger={
        <button type="button" className="org" aria-label={`Organization ${organization.name}, switch`}>
          <span className="mark" />
          <span className="min-w-0 flex-1 truncate">{organization.name}</span>
          <Icon icon={ChevronsUpDown} size={14} className="text-text-3" />
        </button>
      }
      entries={organizations.map((each): MenuEntry => ({
        kind: 'link',
        label: each.name,
        href: each.href,
        current: each.href === organization.href,
      }))}
    />
  );
}

function Projects({ data, pathname }: { data: ShellData; pathname: string }) {
  const open = currentProject(data, pathname);
  return (
    <>
      <div className="nav-head">
        <span>Projects</span>
        {data.newProjectHref && (
          <Link href={data.newProjectHref} aria-label="New project" title="New project">
            <Icon icon={Plus} size={14} />
          </Link>
        )}
      </div>
      <nav className="nav" aria-label="Projects">
        {data.projects.map((project) => (
          <ProjectLink key={project.href} project={project} isOpen={project === open}>
            {project === open && <ProjectPages data={data} project={project} pathname={pathname} />}
          </ProjectLink>
        ))}
      </nav>
    </>
  );
}

/** In the list a healthy project is grey: colour is spent on trouble. */
function listGlyph(look: StateLook): { name: StateLook['glyph']; tone: GlyphTone | undefined } {
  if (look.glyph === 'ok') return { name: 'idle', tone: undefined };
  return { name: look.glyph, tone: look.tone === 'grey' ? undefined : look.tone };
}

function ProjectLink({
  project,
  isOpen,
  children,
}: {
  project: ShellProject;
  isOpen: boolean;
  children: React.ReactNode;
}) {
  const look = projectStateLooks[project.state];
  const glyph = listGlyph(look);
  return (
    <>
      <Link href={project.href} className={cx(isOpen && 'font-semibold text-text')}>
        <Glyph name={glyph.name} tone={glyph.tone} />
        <span className="min-w-0 truncate">{project.name}</span>
        <span className="sr-only">, {look.word}</span>
        {/* Open, its backlog has an entry of its own that says the same. */}
        {!(isOpen && project.state === 'at_limit') && <Count count={project.waiting} />}
      </Link>
      {children}
    </>
  );
}

function ProjectPages({
  data,
  project,
  pathname,
}: {
  data: ShellData;
  project: ShellProject;
  pathname: string;
}) {
  const current = currentProjectEntry(data, project, pathname);
  return (
    <div className="sub">
      {data.projectEntries
        .filter((entry) => !entry.onlyCounted || entry === current || project.counts[entry.suffix])
        .map((entry) => (
          <Link
            key={entry.suffix}
            href={project.href + entry.suffix}
            {...(entry === current ? { 'aria-current': 'page' } : {})}
          >
            {entry.label}
            <Count count={project.counts[entry.suffix]} />
          </Link>
        ))}
    </div>
  );
}

function SidebarFoot({ data, onSignOut }: { data: ShellData; onSignOut: () => void }) {
  const { answering, slowestBeatMs } = data.workers;
  const { email, links } = data.user;
  return (
    <div className="sidebar-foot">
      <div className="row">
        <span className={cx('live', answering === 0 && 'lost')}>
          {answering === 0
            ? 'No worker answers'
            : `${answering} ${answering === 1 ? 'worker answers' : 'workers answer'}`}
        </span>
        {slowestBeatMs !== undefined && answering > 0 && (
          <span className="ml-auto text-text-3">{formatDuration(slowestBeatMs)}</span>
        )}
      </div>
      <div className="row">
        <Menu
          align="start"
          trigger={
            <button type="button" className="who-am-i" aria-label={`Signed in as ${email}`}>
              <span className="avatar" aria-hidden="true">
                {email.slice(0, 1).toUpperCase()}
              </span>
              <span className="min-w-0 flex-1 truncate text-left">{email}</span>
            </button>
          }
          entries={[
            ...links.map((link): MenuEntry => ({ kind: 'link', label: link.label, href: link.href })),
            { kind: 'action', label: 'Sign out', icon: LogOut, onSelect: onSignOut },
          ]}
        />
        <ThemeToggle />
      </div>
    </div>
  );
}
