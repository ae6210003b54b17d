'use client';

import { Button } from '../_ui/button.tsx';
import { Dialog } from '../_ui/dialog.tsx';
import { Keys } from '../_ui/kbd.tsx';
import type { ShellData } from './shell-model.ts';
import { placesOf } from './use-shortcuts.ts';

const everywhere = [
  { keys: '⌘ K', what: 'Search and go anywhere' },
  { keys: '?', what: 'This list' },
  { keys: 'Esc', what: 'Close a panel or dialog, clear a selection' },
];

const inLists = [
  { keys: '/', what: 'Search this list' },
  { keys: 'j k', what: 'Next and previous row' },
  { keys: 'x', what: 'Select the row' },
  { keys: 'Enter', what: 'Open the row' },
  { keys: 'r', what: 'Resume the selected mails of a backlog' },
  { keys: 's', what: 'Suspend them' },
];

/** The keyboard help behind `?`. */
export function ShortcutsDialog({
  data,
  pathname,
  open,
  onOpenChange,
}: {
  data: ShellData;
  pathname: string;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const places = placesOf(data, pathname).flatMap((place) =>
    place.key ? [{ keys: `g ${place.key}`, what: place.label }] : [],
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Keyboard shortcuts"
      footer={
        <Button big onClick={() => onOpenChange(false)}>
          Close
        </Button>
      }
    >
      <KeyList title="Everywhere" rows={everywhere} />
      <KeyList title="Go to" rows={places} />
      <KeyList title="In lists" rows={inLists} />
    </Dialog>
  );
}

function KeyList({ title, rows }: { title: string; rows: ReadonlyArray<{ keys: string; what: string }> }) {
  return (
    <section>
      <h3 className="h3">{title}</h3>
      <ul>
        {rows.map((row) => (
          <li key={row.keys} className="flex justify-between border-b border-line py-1.5 last:border-0">
            <span className="text-text-2">{row.what}</span>
            <span>
              <Keys keys={row.keys} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
