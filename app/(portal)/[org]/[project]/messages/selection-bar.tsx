'use client';

import { CirclePause, CirclePlay, CircleX, Send } from 'lucide-react';
import { useState } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import type { MessageRow } from './message-row.ts';
import { useMessageVerbs } from './use-message-verbs.ts';

export type SelectionBarProps = {
  organization: string;
  project: string;
  rows: readonly MessageRow[];
  clear: () => void;
};

const waitingStates: ReadonlySet<MessageRow['state']> = new Set(['queued', 'retrying']);

/** The actions on ticked messages. Each takes those that it can; a button that none of them allows says so. */
export function SelectionBar({ organization, project, rows, clear }: SelectionBarProps) {
  const verbs = useMessageVerbs(organization, project);
  const [open, setOpen] = useState<'cancel' | 'release' | null>(null);
  const waiting = rows.filter((row) => waitingStates.has(row.state)).map((row) => row.id);
  const captured = rows.filter((row) => row.state === 'captured').map((row) => row.id);
  const why = waiting.length === 0 && 'None of these mails waits.';
  const carryOut = async (...[verb, ids]: Parameters<typeof verbs.carryOut>) => {
    const isDone = await verbs.carryOut(verb, ids);
    if (isDone) clear();
    return isDone;
  };
  const openIf = (name: 'cancel' | 'release') => ({
    open: open === name,
    onOpenChange: (isOpen: boolean) => setOpen(isOpen ? name : null),
  });
  return (
    <>
      {captured.length > 0 && (
        <Button variant="lead" icon={Send} onClick={() => setOpen('release')}>
          Release {captured.length}
        </Button>
      )}
      {(waiting.length > 0 || captured.length === 0) && (
        <>
          <Button
            variant={captured.length > 0 ? 'default' : 'lead'}
            icon={CirclePlay}
            why={why}
            pending={verbs.pending === 'try_now' && 'Trying…'}
            onClick={() => void carryOut('try_now', waiting)}
          >
            Try {waiting.length} now
          </Button>
          <Button
            icon={CirclePause}
            why={why}
            className="no-phone"
            pending={verbs.pending === 'hold' && 'Holding…'}
            onClick={() => void carryOut('hold', waiting)}
          >
            Hold {waiting.length}
          </Button>
          <Button icon={CircleX} why={why} onClick={() => setOpen('cancel')}>
            Cancel {waiting.length}
          </Button>
        </>
      )}
      <ConfirmDialog
        {...openIf('cancel')}
        title={`Cancel ${formatCount(waiting.length, 'mail')}?`}
        description="They will not be sent. Those that have started meanwhile are skipped; each can be sent again later as a new mail."
        cancelLabel="Keep them"
        confirmLabel={`Cancel ${formatCount(waiting.length, 'mail')}`}
        pendingLabel="Cancelling…"
        variant="danger"
        onConfirm={() => carryOut('cancel', waiting)}
      />
      <ConfirmDialog
        {...openIf('release')}
        title={`Release ${formatCount(captured.length, 'mail')}?`}
        description="They go out now, although the sending mode holds them. The release is recorded in the history."
        confirmLabel={`Release ${formatCount(captured.length, 'mail')}`}
        pendingLabel="Releasing…"
        onConfirm={() => carryOut('release', captured)}
      />
    </>
  );
}
