'use client';

import { useEffect, type RefObject } from 'react';
import { isTyping } from './use-shortcuts.ts';

function rowsOf(table: HTMLTableElement): HTMLElement[] {
  return [...table.querySelectorAll<HTMLElement>('tbody tr[tabindex]')];
}

function move(table: HTMLTableElement, step: 1 | -1): void {
  const rows = rowsOf(table);
  const focused = rows.findIndex((row) => row.contains(document.activeElement));
  const start =
    focused === -1 ? rows.findIndex((row) => row.getAttribute('aria-current') === 'true') : focused;
  const next = start === -1 ? 0 : Math.min(Math.max(start + step, 0), rows.length - 1);
  const row = rows[next];
  row?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}

/** j and k move between rows, x ticks (with shift a range), Enter opens, Escape clears the ticks; typing and dialogs keep their keys. */
export function useRowKeys(
  table: RefObject<HTMLTableElement | null>,
  handlers: {
    toggle: (rowId: string, isRange: boolean) => void;
    open: (rowId: string) => void;
    clear: () => boolean;
  },
): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const element = table.current;
      if (!element || event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.defaultPrevented) return;
      const row = document.activeElement?.closest<HTMLElement>('tr[data-row]');
      const rowId = row && element.contains(row) ? row.dataset['row'] : undefined;
      switch (event.key) {
        case 'j':
        case 'k':
          event.preventDefault();
          move(element, event.key === 'j' ? 1 : -1);
          return;
        case 'x':
        case 'X':
          if (rowId !== undefined) handlers.toggle(rowId, event.shiftKey);
          return;
        case 'Enter':
          if (rowId !== undefined && document.activeElement === row) handlers.open(rowId);
          return;
        case 'Escape':
          if (handlers.clear()) event.preventDefault();
          return;
        default:
      }
    }
    // Capture: Escape clears the ticks before the open panel hears it.
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  });
}
