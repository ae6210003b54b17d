'use client';

import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { ActionResult } from '#app/_server/action.ts';
import { Button } from '#app/_ui/button.tsx';
import { Dialog } from '#app/_ui/dialog.tsx';
import { FieldError } from '#app/_ui/field.tsx';
import { showToast } from '#app/_ui/toast.tsx';

export interface ChoiceDialogProps {
  readonly title: string;
  readonly description: ReactNode;
  readonly saveLabel: string;
  readonly savedWords: string;
  readonly onSave: () => Promise<ActionResult<unknown>>;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A dialog with one small form: it closes when it is saved, and says a refusal in place. */
export function ChoiceDialog({
  title,
  description,
  saveLabel,
  savedWords,
  onSave,
  onClose,
  children,
}: ChoiceDialogProps) {
  const form = useId();
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isPending, setIsPending] = useState(false);
  async function save(event: FormEvent) {
    event.preventDefault();
    setIsPending(true);
    const result = await onSave().catch(() => null);
    setIsPending(false);
    if (result?.ok === true) {
      showToast({ title: savedWords });
      onClose();
      return;
    }
    const [issue] = result?.error.issues ?? [];
    setRefusal(issue?.message ?? result?.error.message ?? 'The portal does not answer. Nothing was saved.');
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={title}
      description={description}
      footer={
        <>
          <Button big onClick={onClose}>
            Cancel
          </Button>
          <Button big variant="primary" type="submit" form={form} pending={isPending && 'Saving…'}>
            {saveLabel}
          </Button>
        </>
      }
    >
      <form id={form} className="grid gap-3" onSubmit={(event) => void save(event)} noValidate>
        {children}
        {refusal !== null && <FieldError>{refusal}</FieldError>}
      </form>
    </Dialog>
  );
}
