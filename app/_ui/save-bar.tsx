'use client';

import { useEffect, type ReactNode } from 'react';
import { Button } from './button.tsx';

export type FieldChange = { label: string; old: string; new: string; mono?: boolean | undefined };

// More would push the form out of sight.
const listedAtMost = 6;

/** Sticky foot of a form: what changed as old and new value, then Discard, a second action and Save (⌘S). */
export function SaveBar({
  changes,
  pending,
  onDiscard,
  secondary,
  saveLabel = 'Save',
  error,
}: {
  changes: ReadonlyArray<FieldChange>;
  pending?: boolean | undefined;
  onDiscard: () => void;
  secondary?: ReactNode;
  saveLabel?: string | undefined;
  error?: string | undefined;
}) {
  const count = changes.length;
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== 's') return;
      event.preventDefault();
      document.querySelector<HTMLButtonElement>('[data-save]')?.click();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <section className="savebar" aria-label="Unsaved changes">
      <output className="sr-only">
        {count === 0 ? '' : `${count} unsaved ${count === 1 ? 'change' : 'changes'}`}
      </output>
      {count > 0 && (
        <span className="dirtydot text-xs font-medium whitespace-nowrap" aria-hidden="true">
          {count} {count === 1 ? 'change' : 'changes'}
        </span>
      )}
      <span className="diffs">
        {error && <span className="text-red-text">{error}</span>}
        {changes.slice(0, listedAtMost).map((change) => (
          <span key={change.label}>
            {change.label} <del className={change.mono ? 'mono' : undefined}>{change.old}</del>{' '}
            <ins className={change.mono ? 'mono' : undefined}>{change.new}</ins>
          </span>
        ))}
        {count > listedAtMost && <span>and {count - listedAtMost} more</span>}
      </span>
      <span className="acts">
        {count > 0 && (
          <Button big variant="quiet" onClick={onDiscard}>
            Discard
          </Button>
        )}
        {secondary}
        <Button
          big
          variant="primary"
          type="submit"
          keys="⌘S"
          data-save=""
          why={count === 0 && 'Nothing has changed.'}
          pending={pending && 'Saving…'}
        >
          {saveLabel}
        </Button>
      </span>
    </section>
  );
}
