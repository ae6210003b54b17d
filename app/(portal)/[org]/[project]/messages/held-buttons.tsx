'use client';

import { Archive, Play, Undo2 } from 'lucide-react';
import { useState } from 'react';
import type { MessageDetail } from '#lib/messages/get-message.ts';
import { Button } from '#app/_ui/button.tsx';
import type { HeldChoice } from '../../../held-list/held-choice.ts';
import { ResumeDialog } from '../../../held-list/resume-dialog.tsx';
import { useHeldVerbs } from '../../../held-list/use-held-verbs.ts';

export type HeldButtonsProps = {
  organization: string;
  project: string;
  id: string;
  may: Pick<MessageDetail['may'], 'resume' | 'putBack'>;
};

/** What can be done with one mail that is held or suspended. */
export function HeldButtons({ organization, project, id, may }: HeldButtonsProps) {
  const verbs = useHeldVerbs(organization);
  const [resumed, setResumed] = useState<HeldChoice | null>(null);
  const choice: HeldChoice = { project, selection: { ids: [id] }, count: 1 };
  return (
    <>
      {may.resume && (
        <>
          <Button big icon={Play} onClick={() => setResumed(choice)}>
            Resume…
          </Button>
          <Button
            big
            icon={Archive}
            pending={verbs.pending === 'suspend' && 'Suspending…'}
            onClick={() => void verbs.carryOut('suspend', choice)}
          >
            Suspend
          </Button>
        </>
      )}
      {may.putBack && (
        <Button
          big
          icon={Undo2}
          pending={verbs.pending === 'return' && 'Putting back…'}
          onClick={() => void verbs.carryOut('return', choice)}
        >
          Back to backlog
        </Button>
      )}
      <ResumeDialog
        organization={organization}
        choice={resumed}
        onClose={() => setResumed(null)}
        onDone={() => undefined}
      />
    </>
  );
}
