'use client';

import { CirclePause, CirclePlay, CircleX, Send } from 'lucide-react';
import { useState } from 'react';
import type { MessageFiltersInput } from '#lib/messages/message-selection.ts';
import type { BulkSelection } from '#app/_components/data-table-model.ts';
import { Button } from '#app/_ui/button.tsx';
import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { actionsFor } from './message-actions.ts';
import type { MessageRow } from './message-row.ts';
import { RunButtons } from './run-buttons.tsx';
import { selectionOf } from './run-choice.ts';
import { useMessageVerbs } from './use-message-verbs.ts';

export type SelectionBarProps = {
  organization: string;
  project: string;
  selection: BulkSelection;
  /** What the address filters by; "all that match" means these. */
  filter: MessageFiltersInput;
  rows: readonly MessageRow[];
};

const waitingStates: ReadonlySet<MessageRow['state']> = new Set(['queued', 'retrying']);
const resendStates: ReadonlySet<MessageRow['state']> = new Set(['failed', 'expired', 'cancelled']);

/** The actions on ticked messages, or on all that match. */
export function SelectionBar({ selection, filter, rows, ...place }: SelectionBarProps) {
  if (!selection.allMatching) {
    const ticked = rows.filter((row) => selection.ids.includes(row.id));
    return <TickedBar {...place} rows={ticked} clear={selection.clear} />;
  }
  const [state] = filter.state ?? [];
  const kinds = actionsFor(state);
  if (kinds.length === 0) return <span>Nothing is done with all of these at once.</span>;
  return (
    <RunButtons
      {...place}
      kinds={kinds}
      selection={selectionOf(filter, selection)}
      count={selection.isCapped ? undefined : selection.count}
      onDone={selection.clear}
    />
  );
}

type TickedBarProps = {
  organization: string;
  project: string;
  rows: readonly MessageRow[];
  clear: () => void;
};

/** Each takes those that it can; a button that none of them allows says so. */
function TickedBar({ organization, project, rows, clear }: TickedBarProps) {
  const verbs = useMessageVerbs(organization, project);
  const [open, setOpen] = useState<'cancel' | 'release' | null>(null);
  const waiting = rows.filter((row) => waitingStates.has(row.state)).map((row) => row.id);
  const captured = rows.filter((row) => row.state === 'captured').map((row) => row.id);
  const failed = rows.filter((row) => resendStates.has(row.state)).map((row) => row.id);
  const uncertain = rows.filter((row) => row.state === 'uncertain').map((row) => row.id);
  const others = captured.length + failed.length + uncertain.length;
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
      {uncertain.length > 0 && (
        <RunButtons
          organization={organization}
          project={project}
          kinds={['mark_sent', 'send_again', 'mark_failed']}
          selection={{ ids: uncertain }}
          onDone={clear}
        />
      )}
      {failed.length > 0 && (
        <RunButtons
          organization={organization}
          project={project}
          kinds={['resend']}
          selection={{ ids: failed }}
          onDone={clear}
        />
      )}
      {(waiting.length > 0 || others === 0) && (
        <>
          <Button
            variant={others > 0 ? 'default' : 'lead'}
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
