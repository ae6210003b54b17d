'use client';

import { Archive, Play, Undo2 } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { HeldState } from '#lib/backlog/schemas.ts';
import { isTyping } from '#app/_components/use-shortcuts.ts';
import { Button } from '#app/_ui/button.tsx';
import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { AllowFloodButton } from './allow-flood-button.tsx';
import { ExportMenu } from './export-menu.tsx';
import type { HeldChoice } from './held-choice.ts';
import { ResumeDialog } from './resume-dialog.tsx';
import { useHeldVerbs } from './use-held-verbs.ts';

export type HeldBarProps = {
  organization: string;
  state: HeldState;
  choice: HeldChoice;
  /** The chosen mails, where the flood breaker holds every one of them. */
  floodIds?: readonly string[];
  /** Where the chosen mails are exported to a file; null: they are too many to be named one by one. */
  fileHref: string | null;
  readsContent: boolean;
  clear: () => void;
};

// More than this is asked once more before it starts: one key press should not move a whole backlog.
const asksFrom = 200;

/** The actions on chosen held mails: R and S do the same as the first two buttons. */
export function HeldBar(props: HeldBarProps) {
  return props.state === 'backlog' ? <BacklogBar {...props} /> : <SuspendedBar {...props} />;
}

function BacklogBar({ organization, choice, floodIds = [], fileHref, readsContent, clear }: HeldBarProps) {
  const verbs = useHeldVerbs(organization);
  const [resumed, setResumed] = useState<HeldChoice | null>(null);
  const [asked, setAsked] = useState<HeldChoice | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const suspend = async (chosen: HeldChoice) => {
    const isDone = await verbs.carryOut('suspend', chosen);
    if (isDone) clear();
    return isDone;
  };
  const askOrSuspend = async () => {
    const chosen = await verbs.counted('backlog', choice);
    if (chosen === null) return;
    if (chosen.count <= asksFrom) {
      await suspend(chosen);
      return;
    }
    setAsked(chosen);
    setIsAsking(true);
  };
  useKeys({ r: () => setResumed(choice), s: () => void askOrSuspend() });
  const mails = formatCount((asked ?? choice).count, 'mail');
  return (
    <>
      <Button variant="lead" icon={Play} aria-keyshortcuts="r" onClick={() => setResumed(choice)}>
        Resume…
      </Button>
      <Button
        icon={Archive}
        aria-keyshortcuts="s"
        pending={verbs.pending === 'suspend' && 'Suspending…'}
        onClick={() => void askOrSuspend()}
      >
        Suspend
      </Button>
      {floodIds.length > 0 && (
        <AllowFloodButton
          organization={organization}
          project={choice.project}
          ids={floodIds}
          onDone={clear}
        />
      )}
      <ExportMenu href={fileHref} readsContent={readsContent} className="no-phone" />
      <ResumeDialog
        organization={organization}
        choice={resumed}
        onClose={() => setResumed(null)}
        onDone={clear}
      />
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={`Suspend ${mails}?`}
        description="They leave the backlog and are kept for ever. They do not go out and do not expire; a person can put them back. The suspend can be undone for 10 s after its end."
        confirmLabel={`Suspend ${mails}`}
        pendingLabel="Suspending…"
        onConfirm={() => suspend(asked ?? choice)}
      />
    </>
  );
}

function SuspendedBar({ organization, choice, fileHref, readsContent, clear }: HeldBarProps) {
  const verbs = useHeldVerbs(organization);
  const putBack = async () => {
    const chosen = await verbs.counted('suspended', choice);
    if (chosen !== null && (await verbs.carryOut('return', chosen))) clear();
  };
  return (
    <>
      <Button
        variant="lead"
        icon={Undo2}
        pending={verbs.pending === 'return' && 'Putting back…'}
        onClick={() => void putBack()}
      >
        Back to backlog
      </Button>
      <ExportMenu href={fileHref} readsContent={readsContent} className="no-phone" />
    </>
  );
}

/** Single keys that act on what is chosen; typing, dialogs and "g then a letter" keep theirs. */
function useKeys(keys: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || event.shiftKey) return;
      if (isTyping(event.target)) return;
      const act = keys[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  });
}
