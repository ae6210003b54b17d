'use client';

import { CircleHelp, Menu as MenuIcon, Search } from 'lucide-react';
import Link from 'next/link';
import { Fragment } from 'react';
import { IconButton } from '../_ui/button.tsx';
import { cx } from '../_ui/cx.ts';
import type { LiveState } from './live.ts';
import { currentEntry, currentProject, currentProjectEntry, type ShellData } from './shell-model.ts';

type Crumb = { label: string; href: string };

function crumbsOf(data: ShellData, pathname: string, last: string | undefined): Crumb[] {
  const project = currentProject(data, pathname);
  const crumbs: Crumb[] = [];
  if (project) {
    crumbs.push({ label: project.name, href: project.href });
    const entry = currentProjectEntry(data, project, pathname);
    if (entry) crumbs.push({ label: entry.label, href: project.href + entry.suffix });
  } else {
    const entry = currentEntry(data, pathname);
    if (entry) crumbs.push({ label: entry.label, href: entry.href });
  }
  if (last) crumbs.push({ label: last, href: pathname });
  return crumbs;
}

const liveWords: Record<LiveState, string> = {
  off: '',
  connecting: 'Connecting',
  live: 'Live',
  lost: 'Connection lost',
  database_away: 'Database away',
};

type TopbarProps = {
  data: ShellData;
  pathname: string;
  crumb: string | undefined;
  live: LiveState;
  onMenu: () => void;
  onSearch: () => void;
  onHelp: () => void;
};

/** The top bar: where one is, whether the page is live, help. */
export function Topbar({ data, pathname, crumb, live, onMenu, onSearch, onHelp }: TopbarProps) {
  const crumbs = crumbsOf(data, pathname, crumb);
  return (
    <div className="topbar">
      <IconButton icon={MenuIcon} label="Open navigation" className="only-phone" onClick={onMenu} />
      <nav className="crumbs" aria-label="Breadcrumb">
        {crumbs.map((each, at) =>
          at === crumbs.length - 1 ? (
            <span key={each.href + each.label} aria-current="page">
              {each.label}
            </span>
          ) : (
            <Fragment key={each.href + each.label}>
              <Link href={each.href}>{each.label}</Link>
              <span aria-hidden="true">/</span>
            </Fragment>
          ),
        )}
      </nav>
      <span className="flex-1" />
      {live !== 'off' && (
        <output
          className={cx(
            'live',
            (live === 'lost' || live === 'database_away') && 'lost',
            live === 'connecting' && 'waiting',
          )}
        >
          {liveWords[live]}
        </output>
      )}
      <IconButton icon={CircleHelp} label="Keyboard shortcuts" className="no-phone" onClick={onHelp} />
      <IconButton icon={Search} label="Search" className="only-phone" onClick={onSearch} />
    </div>
  );
}
