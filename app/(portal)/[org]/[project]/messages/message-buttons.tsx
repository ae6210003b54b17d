'use client';

import { CirclePause, CirclePlay, Forward, Send } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { MessageDetail } from '#lib/messages/get-message.ts';
import { paths } from '#lib/paths.ts';
import { Button } from '#app/_ui/button.tsx';
import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { showToast } from '#app/_ui/toast.tsx';
import { HeldButtons } from './held-buttons.tsx';
import { RunButtons } from './run-buttons.tsx';
import { ResendDialog } from './resend-dialog.tsx';
import { useMessageVerbs } from './use-message-verbs.ts';

export type MessageButtonsProps = {
  organization: string;
  message: Pick<MessageDetail, 'id' | 'subject' | 'recipientCount' | 'acceptedCount' | 'may' | 'project'>;
};

/** What can be done with one message now; nothing else is shown. */
export function MessageButtons({ organization, message }: MessageButtonsProps) {
  const { id, recipientCount, may } = message;
  const project = message.project.slug;
  const router = useRouter();
  const verbs = useMessageVerbs(organization, project);
  const [open, setOpen] = useState<'cancel' | 'resend' | 'release' | null>(null);
  const openIf = (name: 'cancel' | 'resend' | 'release') => ({
    open: open === name,
    onOpenChange: (isOpen: boolean) => setOpen(isOpen ? name : null),
  });
  const recipients = recipientCount === 1 ? 'its recipient' : `its ${recipientCount} recipients`;
  const name = message.subject === '' ? 'The mail' : `“${message.subject}”`;
  return (
    <>
      {may.tryNow && (
        <Button
          big
          icon={CirclePlay}
          pending={verbs.pending === 'try_now' && 'Trying…'}
          onClick={() => void verbs.carryOut('try_now', [id])}
        >
          Try now
        </Button>
      )}
      {may.hold && (
        <Button
          big
          icon={CirclePause}
          pending={verbs.pending === 'hold' && 'Holding…'}
          onClick={() => void verbs.carryOut('hold', [id])}
        >
          Hold
        </Button>
      )}
      <HeldButtons organization={organization} project={project} id={id} may={may} />
      {may.release && (
        <Button big icon={Send} onClick={() => setOpen('release')}>
          Release
        </Button>
      )}
      {may.decide && (
        <RunButtons
          large
          organization={organization}
          project={project}
          kinds={['mark_sent', 'send_again', 'mark_failed']}
          selection={{ ids: [id] }}
          onDone={() => undefined}
        />
      )}
      {may.resend && !may.decide && (
        <Button big icon={Forward} onClick={() => setOpen('resend')}>
          Send again
        </Button>
      )}
      {may.cancel && (
        <Button big variant="quiet-danger" className="ml-auto" onClick={() => setOpen('cancel')}>
          Cancel mail
        </Button>
      )}
      <ConfirmDialog
        {...openIf('cancel')}
        title="Cancel this mail?"
        description={`${name} will not be sent to ${recipients}. It can be sent again later as a new mail.`}
        cancelLabel="Keep it"
        confirmLabel="Cancel mail"
        pendingLabel="Cancelling…"
        variant="danger"
        onConfirm={() => verbs.carryOut('cancel', [id])}
      />
      <ConfirmDialog
        {...openIf('release')}
        title="Release this mail?"
        description={`It goes out now to ${recipients}, although the sending mode holds it. The release is recorded in the history.`}
        confirmLabel="Release 1 mail"
        pendingLabel="Releasing…"
        onConfirm={() => verbs.carryOut('release', [id])}
      />
      <ResendDialog
        {...openIf('resend')}
        organization={organization}
        message={message}
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
