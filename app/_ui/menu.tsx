'use client';

import { Menu as Base } from '@base-ui/react/menu';
import type { LucideIcon } from 'lucide-react';
import Link from 'next/link';
import type { ReactElement, ReactNode } from 'react';
import { cx } from './cx.ts';
import { Icon } from './icon.tsx';

export type MenuEntry =
  | { kind: 'link'; label: ReactNode; href: string; icon?: LucideIcon; current?: boolean; end?: ReactNode }
  | {
      kind: 'action';
      label: ReactNode;
      onSelect: () => void;
      icon?: LucideIcon;
      danger?: boolean;
      end?: ReactNode;
    }
  | { kind: 'heading'; label: string }
  | { kind: 'line' };

/** A menu under its trigger; `trigger` is the button element. */
export function Menu({
  trigger,
  entries,
  align = 'end',
}: {
  trigger: ReactElement;
  entries: ReadonlyArray<MenuEntry>;
  align?: 'start' | 'end';
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={4} className="z-50">
          <Base.Popup className="menu">
            {entries.map((entry, at) => (
              <Entry key={at} entry={entry} />
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

function Entry({ entry }: { entry: MenuEntry }) {
  switch (entry.kind) {
    case 'heading':
      return <div className="menu-head">{entry.label}</div>;
    case 'line':
      return <Base.Separator className="menu-line" />;
    case 'link':
      return (
        <Base.LinkItem
          className={cx('menu-item', entry.current && 'font-medium')}
          closeOnClick
          render={<Link href={entry.href} {...(entry.current ? { 'aria-current': 'true' } : {})} />}
        >
          {entry.icon && <Icon icon={entry.icon} size={14} />}
          <span className="min-w-0 flex-1 truncate">{entry.label}</span>
          {entry.end}
        </Base.LinkItem>
      );
    case 'action':
      return (
        <Base.Item className={cx('menu-item', entry.danger && 'text-red-text')} onClick={entry.onSelect}>
          {entry.icon && <Icon icon={entry.icon} size={14} />}
          <span className="min-w-0 flex-1 truncate">{entry.label}</span>
          {entry.end}
        </Base.Item>
      );
    default: {
      const never: never = entry;
      return never;
    }
  }
}
