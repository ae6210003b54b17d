'use client';

import { Dialog } from '@base-ui/react/dialog';
import { Command } from 'cmdk';
import { CornerDownLeft, FolderOpen, Layers, Mail, Search, type LucideIcon } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { formatNumber } from '../_ui/format-number.ts';
import { Icon } from '../_ui/icon.tsx';
import { Keys } from '../_ui/kbd.tsx';
import { currentProject, type ShellData, type ShellProject } from './shell-model.ts';
import { placesOf } from './use-shortcuts.ts';

type PaletteProps = {
  data: ShellData;
  pathname: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
};

/** ⌘K: go to a page or a project, look at what is held, or search the open project's messages and backlog. */
export function CommandPalette(props: PaletteProps) {
  return (
    <Dialog.Root open={props.open} onOpenChange={(open) => props.onOpenChange(open)}>
      <Dialog.Portal>
        <Dialog.Viewport className="scrim palette-scrim">
          <Dialog.Popup className="palette" aria-label="Command palette">
            <PaletteList {...props} />
          </Dialog.Popup>
        </Dialog.Viewport>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteList({ data, pathname, onOpenChange }: PaletteProps) {
  const router = useRouter();
  const [query, setQuery] = useState('');
  const project = currentProject(data, pathname);
  const hasMessages = data.projectEntries.some((entry) => entry.suffix === '/messages');
  const go = (href: string) => {
    onOpenChange(false);
    router.push(href);
  };
  return (
    <Command label="Commands" loop>
      <div className="q">
        <Icon icon={Search} />
        <Command.Input value={query} onValueChange={setQuery} placeholder="Go to a page or project" />
      </div>
      <Command.List>
        <Command.Empty className="px-4 py-3 text-text-2">Nothing matches “{query}”.</Command.Empty>
        <Command.Group heading="Go to">
          {placesOf(data, pathname).map((place) => (
            <Item
              key={place.href}
              icon={CornerDownLeft}
              value={`${place.section} ${place.label}`}
              onSelect={() => go(place.href)}
              end={
                <>
                  {place.count > 0 && `${formatNumber(place.count)} mails `}
                  {place.key && <Keys keys={`g ${place.key}`} />}
                </>
              }
            >
              {place.label}
              <span className="text-text-3"> {place.section}</span>
            </Item>
          ))}
        </Command.Group>
        <Command.Group heading="Look at and do">
          {commandsOf(data, project).map(({ label, section, href }) => (
            <Item key={href} icon={CornerDownLeft} value={`${section} ${label}`} onSelect={() => go(href)}>
              {label}
              <span className="text-text-3"> {section}</span>
            </Item>
          ))}
        </Command.Group>
        <Command.Group heading="Projects">
          {data.projects.map((each) => (
            <Item
              key={each.href}
              icon={FolderOpen}
              value={`project ${each.name}`}
              onSelect={() => go(each.href)}
              end={each.waiting > 0 && `${formatNumber(each.waiting)} waiting`}
            >
              {each.name}
            </Item>
          ))}
        </Command.Group>
        {project && hasMessages && query.trim() !== '' && (
          <Command.Group heading="Messages" forceMount>
            <Item
              icon={Mail}
              value={`search ${query}`}
              onSelect={() => go(`${project.href}/messages?q=${encodeURIComponent(query.trim())}`)}
            >
              Search messages of {project.name} for “{query.trim()}”
            </Item>
            <Item
              icon={Layers}
              value={`search backlog ${query}`}
              onSelect={() => go(`${project.href}/backlog?q=${encodeURIComponent(query.trim())}`)}
            >
              Search the backlog of {project.name} for “{query.trim()}”
            </Item>
          </Command.Group>
        )}
      </Command.List>
      <div className="keys">
        <span>
          <Keys keys="↑ ↓" /> move
        </span>
        <span>
          <Keys keys="↵" /> run
        </span>
        <span>
          <Keys keys="Esc" /> close
        </span>
      </div>
    </Command>
  );
}

function commandsOf(data: ShellData, project: ShellProject | undefined) {
  const ofProject =
    project === undefined
      ? []
      : data.projectCommands.map(({ label, href }) => ({
          label,
          section: project.name,
          href: project.href + href,
        }));
  return [...ofProject, ...data.commands.map((each) => ({ ...each, section: data.organization.name }))];
}

function Item({
  icon,
  value,
  onSelect,
  end,
  children,
}: {
  icon: LucideIcon;
  value: string;
  onSelect: () => void;
  end?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Command.Item className="palette-item" value={value} onSelect={onSelect}>
      <Icon icon={icon} size={14} />
      <span className="min-w-0 truncate">{children}</span>
      {end && <span className="end">{end}</span>}
    </Command.Item>
  );
}
