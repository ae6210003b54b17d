'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef } from 'react';
import { currentProject, type ShellData } from './shell-model.ts';

export type Place = {
  label: string;
  href: string;
  key: string | undefined;
  section: string;
  /** How many wait there. */
  count: number;
};

/** Every page one can go to from here: the open project's first, and a letter that both have is the project's. */
export function placesOf(data: ShellData, pathname: string): Place[] {
  const project = currentProject(data, pathname);
  const ofProject = project
    ? data.projectEntries.map((entry): Place => ({
        label: entry.label,
        href: project.href + entry.suffix,
        key: entry.key,
        section: project.name,
        count: project.counts[entry.suffix] ?? 0,
      }))
    : [];
  const taken = new Set(ofProject.map(({ key }) => key));
  const ofOrganization = data.entries.map((entry): Place => ({
    label: entry.label,
    href: entry.href,
    key: taken.has(entry.key) ? undefined : entry.key,
    section: data.organization.name,
    count: entry.count ?? 0,
  }));
  return [...ofProject, ...ofOrganization];
}

/** Whether a key press belongs to something being filled in or to an open dialog. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest('[role="dialog"], [role="menu"], [role="alertdialog"]')) return true;
  if (target.isContentEditable || target.closest('textarea, select')) return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}

const sequenceMs = 1200;

/** ⌘K opens the palette, ? the help, g and a letter goes to a page. */
export function useShortcuts(
  data: ShellData,
  pathname: string,
  handlers: { openPalette: () => void; openHelp: () => void },
): void {
  const router = useRouter();
  const latest = useRef({ data, pathname, handlers });
  useEffect(() => {
    latest.current = { data, pathname, handlers };
  });
  useEffect(() => {
    let startedAt = Number.NEGATIVE_INFINITY;
    function onKey(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        latest.current.handlers.openPalette();
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key === '?') {
        event.preventDefault();
        latest.current.handlers.openHelp();
        return;
      }
      if (event.timeStamp - startedAt < sequenceMs) {
        startedAt = Number.NEGATIVE_INFINITY;
        const place = placesOf(latest.current.data, latest.current.pathname).find(
          (each) => each.key === event.key,
        );
        if (!place) return;
        event.preventDefault();
        router.push(place.href);
        return;
      }
      if (event.key === 'g') startedAt = event.timeStamp;
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [router]);
}
