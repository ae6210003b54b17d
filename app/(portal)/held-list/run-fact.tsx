'use client';

import {
  Archive,
  CircleCheck,
  CirclePause,
  CirclePlay,
  CircleX,
  Forward,
  type LucideIcon,
  Play,
  RotateCw,
  Send,
  Undo2,
} from 'lucide-react';
import { useEffect, useState } from 'react';
import type { BulkRunView } from '#lib/backlog/views.ts';
import type { RunKind } from '#lib/backlog/schemas.ts';
import { paths } from '#lib/paths.ts';
import { LinkButton } from '#app/_ui/button.tsx';
import { formatCount, formatDuration, formatNumber } from '#app/_ui/format-number.ts';
import { Icon } from '#app/_ui/icon.tsx';
import { Progress } from '#app/_ui/progress.tsx';
import { RelativeTime } from '#app/_ui/time.tsx';
import { ActionButton } from '../action-button.tsx';
import { stopBulkRunAction, undoSuspendAction } from './actions.ts';
import { filterWords, messageFilterWords } from './filter-words.ts';

const doing: Readonly<Record<RunKind, string>> = {
  resume: 'Resuming',
  suspend: 'Suspending',
  return: 'Putting back',
  try_now: 'Trying now',
  cancel: 'Cancelling',
  hold: 'Holding',
  release: 'Releasing',
  resend: 'Sending again',
  mark_sent: 'Marking as sent',
  mark_failed: 'Giving up',
  send_again: 'Sending again',
};
const done: Readonly<Record<RunKind, string>> = {
  resume: 'resumed',
  suspend: 'suspended',
  return: 'put back into the backlog',
  try_now: 'moved to the front of the queue',
  cancel: 'cancelled',
  hold: 'held in the backlog',
  release: 'released',
  resend: 'sent again as new mails',
  mark_sent: 'marked as sent',
  mark_failed: 'marked as failed',
  send_again: 'sent again',
};
const icons: Readonly<Record<RunKind, LucideIcon>> = {
  resume: Play,
  suspend: Archive,
  return: Undo2,
  try_now: CirclePlay,
  cancel: CircleX,
  hold: CirclePause,
  release: Send,
  resend: Forward,
  mark_sent: CircleCheck,
  mark_failed: CircleX,
  send_again: RotateCw,
};

export type RunFactProps = {
  organization: string;
  run: BulkRunView;
  /** Names the project of the run, where the page is of several. */
  showsProject: boolean;
  mayAct: boolean;
};

/** A bulk run: how far it has come, by whom, how long it still takes; or, just ended, what it did and its undo. */
export function RunFact(props: RunFactProps) {
  return props.run.state === 'running' ? <Running {...props} /> : <Ended {...props} />;
}

function Running({ organization, run, showsProject, mayAct }: RunFactProps) {
  const words = wordsOf(run);
  return (
    <div className="fact">
      <Icon icon={icons[run.kind]} size={14} className="text-text-3" />
      <div className="grow">
        <div className="flex flex-wrap justify-between gap-x-4">
          <p>
            <b>
              {doing[run.kind]} {formatCount(run.expected, 'mail')}
            </b>{' '}
            <span className="text-text-2">
              {showsProject && run.project !== null && `of ${run.project.name} `}
              {words !== '' && `that match ${words}`}
              {run.undoOf !== null && 'to undo the suspend'}
            </span>
          </p>
          <span className="no-phone text-xs whitespace-nowrap text-text-3">
            by {run.startedBy}, <RelativeTime iso={run.startedAt} />
          </span>
        </div>
        <Progress label={doing[run.kind]} done={run.done + run.skipped} total={run.expected} />
        <p className="said">
          <span>{formatNumber(run.done)} done</span>
          <span>{formatNumber(run.skipped)} skipped (changed meanwhile)</span>
          {run.pacePerMinute !== null && <span>{formatNumber(run.pacePerMinute)} a minute</span>}
          {run.secondsLeft !== null && <span>about {formatDuration(run.secondsLeft * 1000)} left</span>}
        </p>
      </div>
      {mayAct && (
        <ActionButton
          run={stopBulkRunAction.bind(null, organization, { run: run.id })}
          pendingLabel="Stopping…"
          done="Stopped: the rest stays where it is"
        >
          Stop
        </ActionButton>
      )}
    </div>
  );
}

function wordsOf({ filter, messageFilter }: BulkRunView): string {
  if (filter !== null) return filterWords(filter);
  return messageFilter === null ? '' : messageFilterWords(messageFilter);
}

function Ended({ organization, run, mayAct }: RunFactProps) {
  const canUndo = useStillAhead(run.undoUntil);
  return (
    <div className="fact">
      <Icon icon={icons[run.kind]} size={14} className="text-text-3" />
      <p>
        <b>
          {formatCount(run.done, 'mail')} {done[run.kind]}
          {run.state === 'stopped' && `, then stopped by ${run.stoppedBy ?? 'a person'}`}.
        </b>{' '}
        <span className="text-text-2">
          {run.skipped > 0 && `${formatNumber(run.skipped)} skipped: changed meanwhile. `}
          {canUndo && run.undoUntil !== null && (
            <>
              It can be undone for <RelativeTime iso={run.undoUntil} style="left" />.
            </>
          )}
        </span>
      </p>
      {run.kind === 'hold' && run.project !== null && run.done > 0 && (
        <LinkButton href={paths.backlog(organization, run.project.slug)}>Review backlog</LinkButton>
      )}
      {mayAct && canUndo && (
        <ActionButton
          run={undoSuspendAction.bind(null, organization, { run: run.id })}
          pendingLabel="Undoing…"
          done="Undone: the mails are in the backlog again"
        >
          Undo
        </ActionButton>
      )}
    </div>
  );
}

/** Whether the moment still lies ahead; turns by itself when it has passed. */
function useStillAhead(iso: string | null): boolean {
  const [passed, setPassed] = useState<string | null>(null);
  useEffect(() => {
    if (iso === null) return undefined;
    const timer = setTimeout(() => setPassed(iso), Math.max(0, Date.parse(iso) - Date.now()));
    return () => clearTimeout(timer);
  }, [iso]);
  return iso !== null && passed !== iso;
}
