'use client';

import { Button } from '#app/_ui/button.tsx';
import { Dialog, SumTable } from '#app/_ui/dialog.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { RelativeTime } from '#app/_ui/time.tsx';
import type { ActiveSending, Conflict } from './refusal.ts';
import type { SaveState } from './use-save.ts';

// The proposed answer is the one that Enter gives.
const focusFirst = (button: HTMLButtonElement | null) => button?.focus();

/** The question of PRODUCT 2.12: mail is being sent while its settings are about to change. */
export function SendingDialog({ save, active }: { save: SaveState; active: ActiveSending }) {
  return (
    <Dialog
      open
      onOpenChange={save.closeQuestion}
      title="Pause sending and save?"
      description="Mail of this project is being sent. What is under way now finishes with the settings that it started with; the rest waits until you start sending again, so that you can test first."
      footer={
        <>
          <Button big variant="quiet" onClick={save.closeQuestion}>
            Cancel
          </Button>
          <Button big onClick={() => save.save({ whileSending: 'save_only' })}>
            Save only
          </Button>
          <Button
            big
            variant="primary"
            ref={focusFirst}
            onClick={() => save.save({ whileSending: 'pause_and_save' })}
          >
            Pause and save
          </Button>
        </>
      }
    >
      <SumTable
        rows={[
          { name: 'Being sent now', value: counted(active.sending, active) },
          { name: 'Waiting', value: counted(active.waiting, active) },
        ]}
      />
      <p className="help">Save only: the next mail goes out with the new settings at once.</p>
    </Dialog>
  );
}

function counted(count: number, { countedAtMost }: ActiveSending): string {
  return count > countedAtMost ? `more than ${formatNumber(countedAtMost)}` : formatNumber(count);
}

/** Somebody saved while this form was open: compare, take theirs, or save on top. */
export function ConflictDialog({
  save,
  conflict,
  base,
  historyHref,
  onTakeTheirs,
}: {
  save: SaveState;
  conflict: Conflict;
  base: number | null;
  historyHref: string;
  onTakeTheirs: () => void;
}) {
  const { version, savedBy, savedAt } = conflict;
  const who = savedBy ?? 'Somebody';
  const compareHref =
    version === null ? historyHref : `${historyHref}?${base === null ? '' : `from=${base}&`}to=${version}`;
  return (
    <Dialog
      open
      onOpenChange={save.closeQuestion}
      title={
        version === null ? 'These settings were cleared meanwhile' : `${who} saved version ${version} first`
      }
      description={
        <>
          {savedAt && (
            <>
              It was saved <RelativeTime iso={savedAt} />.{' '}
            </>
          )}
          Your changes are not saved and still stand in the form.{' '}
          <a className="link" href={compareHref} target="_blank" rel="noreferrer">
            {version === null
              ? 'See the history'
              : `Compare ${base === null ? '' : `version ${base} `}with version ${version}`}
          </a>{' '}
          in a new tab before you decide.
        </>
      }
      footer={
        <>
          <Button big variant="quiet" onClick={save.closeQuestion}>
            Back to the form
          </Button>
          <Button big onClick={onTakeTheirs}>
            {version === null ? 'Discard mine' : `Take version ${version}`}
          </Button>
          <Button big variant="primary" onClick={() => save.save({ over: version })}>
            Save mine on top
          </Button>
        </>
      }
    />
  );
}
