'use client';

import { useEffect, useState } from 'react';
import type { MessageRunPreview } from '#lib/messages/preview-message-run.ts';
import type { PresentedError } from '#app/_server/present-error.ts';
import { Button } from '#app/_ui/button.tsx';
import { Dialog } from '#app/_ui/dialog.tsx';
import { formatNumber } from '#app/_ui/format-number.ts';
import { previewMessageRunAction } from './actions.ts';
import { HoldSum } from './hold-sum.tsx';
import type { RunChoice } from './run-choice.ts';
import { mailsWord, runWords } from './run-words.ts';
import { useMessageRun } from './use-message-run.ts';
import { waitWords } from './wait-words.ts';

export type RunDialogProps = {
  organization: string;
  project: string;
  /** Null: closed. */
  choice: RunChoice | null;
  onClose: () => void;
  onDone: () => void;
};

type Loaded = { of: RunChoice; preview: MessageRunPreview | null; error: PresentedError | null };

/** Says to how many messages something is done and what it risks; then does it. */
export function RunDialog({ organization, project, choice, onClose, onDone }: RunDialogProps) {
  const loaded = usePreview(organization, project, choice);
  const run = useMessageRun(organization, project);
  // The words stay while the dialog fades out.
  const [shown, setShown] = useState(choice);
  if (choice !== null && choice !== shown) setShown(choice);
  if (shown === null) return null;
  const preview = loaded?.preview ?? null;
  const words = runWords[shown.kind];
  const mails = preview === null ? 'these mails' : mailsWord(preview.mails);

  async function confirm() {
    if (choice === null || preview === null) return;
    if (!(await run.start(choice, preview))) return;
    onClose();
    onDone();
  }

  return (
    <Dialog
      open={choice !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={words.title(mails)}
      description={
        loaded?.error?.message ??
        (preview === null
          ? 'Counting them…'
          : preview.mails === 0
            ? words.none
            : [words.effect, leftOutWords(shown, preview.mails), waitWords(preview.waits)]
                .filter((part) => part !== null)
                .join(' '))
      }
      footer={
        <>
          <Button big onClick={onClose}>
            Leave as is
          </Button>
          <Button
            big
            variant={words.variant ?? 'primary'}
            pending={run.isPending && words.pending}
            why={whyNotYet(preview, words.none)}
            onClick={() => void confirm()}
          >
            {words.confirm(mails)}
          </Button>
        </>
      }
    >
      {preview !== null && preview.mails > 0 && preview.hold !== null && (
        <HoldSum mails={preview.mails} hold={preview.hold} />
      )}
    </Dialog>
  );
}

/** That it cannot be done to all that are selected. */
function leftOutWords({ count }: RunChoice, mails: number): string | null {
  const leftOut = (count ?? mails) - mails;
  if (leftOut <= 0) return null;
  return leftOut === 1
    ? 'The other 1 selected stays as it is.'
    : `The other ${formatNumber(leftOut)} selected stay as they are.`;
}

function whyNotYet(preview: MessageRunPreview | null, none: string): string | false {
  if (preview === null) return 'They are being counted.';
  return preview.mails === 0 && none;
}

/** The preview of the choice that is open; asked for once each time the dialog opens. */
function usePreview(organization: string, project: string, choice: RunChoice | null): Loaded | null {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    if (choice === null) return undefined;
    let isCurrent = true;
    async function load(of: RunChoice) {
      const { kind, selection } = of;
      const result = await previewMessageRunAction(organization, { project, kind, selection }).catch(
        () => null,
      );
      if (!isCurrent) return;
      if (result?.ok === true) setLoaded({ of, preview: result.data, error: null });
      else setLoaded({ of, preview: null, error: result?.error ?? null });
    }
    void load(choice);
    return () => {
      isCurrent = false;
    };
  }, [organization, project, choice]);
  return loaded !== null && loaded.of === choice ? loaded : null;
}
