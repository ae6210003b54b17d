'use client';

import {
  CircleCheck,
  CirclePause,
  CirclePlay,
  CircleX,
  Forward,
  type LucideIcon,
  RotateCw,
  Send,
} from 'lucide-react';
import { useState } from 'react';
import type { MessageRunKind } from '#lib/messages/labels.ts';
import type { MessageSelectionInput } from '#lib/messages/message-selection.ts';
import { Button } from '#app/_ui/button.tsx';
import type { RunChoice } from './run-choice.ts';
import { RunDialog } from './run-dialog.tsx';

const buttons: Readonly<Record<MessageRunKind, { readonly icon: LucideIcon; readonly label: string }>> = {
  try_now: { icon: CirclePlay, label: 'Try now…' },
  cancel: { icon: CircleX, label: 'Cancel…' },
  hold: { icon: CirclePause, label: 'Hold…' },
  release: { icon: Send, label: 'Release…' },
  resend: { icon: Forward, label: 'Send failed again…' },
  mark_sent: { icon: CircleCheck, label: 'It arrived…' },
  send_again: { icon: RotateCw, label: 'Send again…' },
  mark_failed: { icon: CircleX, label: 'Give up…' },
};

export type RunButtonsProps = {
  organization: string;
  project: string;
  kinds: readonly MessageRunKind[];
  selection: MessageSelectionInput;
  /** How many are selected, where they are counted: the dialog says what is left out. */
  count?: number | undefined;
  onDone: () => void;
  /** In the foot of a panel or the head of a page, where they stand large and none is filled. */
  large?: boolean | undefined;
};

/** One button for each thing that can be done to a selection; each asks first, with the number. */
export function RunButtons({
  organization,
  project,
  kinds,
  selection,
  count,
  onDone,
  large,
}: RunButtonsProps) {
  const [choice, setChoice] = useState<RunChoice | null>(null);
  return (
    <>
      {kinds.map((kind, index) => (
        <Button
          key={kind}
          big={large}
          variant={!large && index === 0 ? 'lead' : 'default'}
          icon={buttons[kind].icon}
          onClick={() => setChoice({ kind, selection, count: count ?? null })}
        >
          {buttons[kind].label}
        </Button>
      ))}
      <RunDialog
        organization={organization}
        project={project}
        choice={choice}
        onClose={() => setChoice(null)}
        onDone={onDone}
      />
    </>
  );
}
