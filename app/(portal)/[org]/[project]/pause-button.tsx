'use client';

import { formatCount } from '../../../_ui/format-number.ts';
import { ConfirmActionButton } from '../../action-button.tsx';
import { pauseSending } from './actions.ts';

export interface PauseButtonProps {
  readonly organization: string;
  readonly project: { readonly id: string; readonly name: string; readonly waiting: number };
  readonly why: string | false;
}

/** Pauses the project after saying how many mails that concerns. */
export function PauseButton({ organization, project, why }: PauseButtonProps) {
  const { waiting } = project;
  const concerned =
    waiting === 0
      ? 'No mail waits now.'
      : `${formatCount(waiting, 'mail')} ${waiting === 1 ? 'waits' : 'wait'} now and will stay.`;
  return (
    <ConfirmActionButton
      run={() => pauseSending(organization, { project: project.id })}
      big
      why={why}
      title={`Pause sending of ${project.name}?`}
      description={`${concerned} New mail is accepted and waits too; none is lost. What is on its way finishes. Sending does not start by itself again.`}
      confirmLabel="Pause sending"
      pendingLabel="Pausing…"
    >
      Pause sending
    </ConfirmActionButton>
  );
}
