'use client';

import { CirclePlay, CircleX, Forward, Send } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { paths } from '#lib/paths.ts';
import { Button } from '#app/_ui/button.tsx';
import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { cancelMessagesAction, releaseMessagesAction, tryMessagesNowAction } from './actions.ts';
import { ResendDialog } from './resend-dialog.tsx';

type Verb = 'try_now' | 'release' | 'cancel';

const verbs = {
  try_now: { act: tryMessagesNowAction, done: 'The mail is at the front of the queue' },
  release: { act: releaseMessagesAction, done: 'The mail is released' },
  cancel: { act: cancelMessagesAction, done: 'The mail is cancelled' },
} as const;

export type MessageButtonsProps = {
  organization: string;
  project: string;
  id: string;
  subject: string;
  recipientCount: number;
  may: { cancel: boolean; tryNow: boolean; resend: boolean; release: boolean };
};

/** What can be done with one message now; nothing else is shown. */
export function MessageButtons({
  organization,
  project,
  id,
  subject,
  recipientCount,
  may,
}: MessageButtonsProps) {
  const router = useRouter();
  const [pending, setPending] = useState<Verb | null>(null);
  const [open, setOpen] = useState<'cancel' | 'resend' | 'release' | null>(null);

  async function carryOut(verb: Verb): Promise<void> {
    setPending(verb);
    const result = await verbs[verb].act(organization, { project, ids: [id] });
    setPending(null);
    if (!result.ok) showToast({ title: result.error.message, glyph: 'failed', tone: 'red' });
    else if (result.data.done === 0) {
      showToast({
        title: 'Nothing was done: the mail started or finished meanwhile',
        glyph: 'retrying',
        tone: 'amber',
      });
    } else showToast({ title: verbs[verb].done });
  }

  const recipients = recipientCount === 1 ? 'its recipient' : `its ${recipientCount} recipients`;
  return (
    <>
      {may.tryNow && (
        <Button
          big
          icon={CirclePlay}
          pending={pending === 'try_now' && 'Trying…'}
          onClick={() => void carryOut('try_now')}
        >
          Try now
        </Button>
      )}
      {may.release && (
        <Button big icon={Send} onClick={() => setOpen('release')}>
          Release
        </Button>
      )}
      {may.resend && (
        <Button big icon={Forward} onClick={() => setOpen('resend')}>
          Send again
        </Button>
      )}
      {may.cancel && (
        <>
          <span className="flex-1" />
          <Button big variant="quiet-danger" icon={CircleX} onClick={() => setOpen('cancel')}>
            Cancel mail
          </Button>
        </>
      )}
      <ConfirmDialog
        open={open === 'cancel'}
        onOpenChange={(isOpen) => setOpen(isOpen ? 'cancel' : null)}
        title="Cancel this mail?"
        description={`“${subject}” will not be sent to ${recipients}. It can be sent again later as a new mail.`}
        confirmLabel="Cancel mail"
        pendingLabel="Cancelling…"
        variant="danger"
        onConfirm={() => carryOut('cancel')}
      />
      <ConfirmDialog
        open={open === 'release'}
        onOpenChange={(isOpen) => setOpen(isOpen ? 'release' : null)}
        title="Release this mail?"
        description={`It goes out now to ${recipients}, although the sending mode holds it. The release is recorded in the history.`}
        confirmLabel="Release 1 mail"
        pendingLabel="Releasing…"
        onConfirm={() => carryOut('release')}
      />
      <ResendDialog
        open={open === 'resend'}
        onOpenChange={(isOpen) => setOpen(isOpen ? 'resend' : null)}
        organization={organization}
        project={project}
        id={id}
        onSent={(newId) => {
          showToast({
            title: 'Sent again as a new mail',
            action: {
              label: 'View',
              onPress: () => router.push(paths.message(organization, project, newId)),
            },
          });
        }}
      />
    </>
  );
}
