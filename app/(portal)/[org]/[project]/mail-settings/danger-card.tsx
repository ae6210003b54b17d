'use client';

import { useState } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { Card } from '#app/_ui/card.tsx';
import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { FieldError } from '#app/_ui/field.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { showToast } from '#app/_ui/toast.tsx';
import { clearSettings } from './actions.ts';
import type { SaveTarget } from './use-save.ts';

/** Clears the settings: the project's mail waits until they are set up again (PRODUCT 4.4). */
export function DangerCard({
  target,
  version,
  waiting,
}: {
  target: SaveTarget;
  version: number;
  /** Unfinished mails of the project. */
  waiting: number;
}) {
  const [isOpen, setOpen] = useState(false);
  const [error, setError] = useState<string>();
  const mails =
    waiting === 0
      ? 'No mail waits now; what comes in stays queued until it is set up again.'
      : `${formatCount(waiting, 'mail')} ${waiting === 1 ? 'stays' : 'stay'} queued until it is set up again.`;
  async function clear(): Promise<boolean> {
    const result = await clearSettings(target.organization, {
      project: target.project,
      expectedVersion: version,
    });
    setError(result.ok ? undefined : result.error.message);
    if (result.ok)
      showToast({ title: 'The settings are cleared', detail: 'The history keeps every version.' });
    return result.ok;
  }
  return (
    <Card title="Danger zone" note="nothing here loses a mail" danger padded>
      <div className="row flex-wrap">
        <span className="flex-1 basis-60 text-text-2">
          Clear these settings. The project’s mails stay queued until it is set up again.
        </span>
        <Button variant="danger" onClick={() => setOpen(true)}>
          Clear settings…
        </Button>
      </div>
      <ConfirmDialog
        open={isOpen}
        onOpenChange={setOpen}
        title="Clear the mail settings?"
        description={`This project can send nothing then, and its stored secrets are destroyed. ${mails} Every version stays in the history and can be restored.`}
        confirmLabel="Clear settings"
        pendingLabel="Clearing…"
        variant="danger"
        onConfirm={clear}
      >
        {error && <FieldError>{error}</FieldError>}
      </ConfirmDialog>
    </Card>
  );
}
