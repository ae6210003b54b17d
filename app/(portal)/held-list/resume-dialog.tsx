'use client';

import { Info } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ResumePreview } from '#lib/backlog/views.ts';
import type { PresentedError } from '#app/_server/present-error.ts';
import { Button } from '#app/_ui/button.tsx';
import { Segmented } from '#app/_ui/choices.tsx';
import { Dialog, SumTable } from '#app/_ui/dialog.tsx';
import { FieldError } from '#app/_ui/field.tsx';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';
import { Icon } from '#app/_ui/icon.tsx';
import { NumberInput } from '#app/_ui/inputs.tsx';
import { Meter } from '#app/_ui/meter.tsx';
import { previewResumeAction } from './actions.ts';
import type { HeldChoice } from './held-choice.ts';
import { passedWords, resumeEffect, resumeLabel, resumeNotes } from './resume-words.ts';
import { useHeldVerbs } from './use-held-verbs.ts';

export type ResumeDialogProps = {
  organization: string;
  /** Null: closed. */
  choice: HeldChoice | null;
  onClose: () => void;
  onDone: () => void;
};

type Loaded = { of: HeldChoice; preview: ResumePreview | null; error: PresentedError | null };

/** Says what a resume does, by how much it passes the limit, and at what pace; then does it. */
export function ResumeDialog({ organization, choice, onClose, onDone }: ResumeDialogProps) {
  const loaded = usePreview(organization, choice);
  const verbs = useHeldVerbs(organization);
  const pace = usePace();
  const preview = loaded?.preview ?? null;
  const count = preview?.mails ?? choice?.count ?? 0;

  async function confirm() {
    if (choice === null || preview === null) return;
    const isStarted = await verbs.carryOut('resume', choice, { preview, pacePerMinute: pace.value });
    if (!isStarted) return;
    onClose();
    onDone();
  }

  return (
    <Dialog
      open={choice !== null}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Resume ${formatCount(count, 'mail')} now?`}
      description={
        loaded?.error?.message ??
        (preview === null ? 'Looking at the limits…' : resumeEffect(preview, choice?.count ?? 0))
      }
      footer={
        <>
          <Button big onClick={onClose}>
            Cancel
          </Button>
          <Button
            big
            variant="primary"
            pending={verbs.pending === 'resume' && 'Resuming…'}
            why={whyNotYet(preview, pace.error)}
            onClick={() => void confirm()}
          >
            {preview === null ? 'Resume' : resumeLabel(preview)}
          </Button>
        </>
      }
    >
      {preview !== null && preview.mails > 0 && (
        <>
          <PassedLimit preview={preview} />
          {preview.mails > 1 && <PaceChoice pace={pace} />}
          <div className="note plain">
            <Icon icon={Info} size={14} />
            <span>
              {resumeNotes(preview, pace.value === null ? null : preview.mails / pace.value).map(
                (sentence) => (
                  <span key={sentence} className="block">
                    {sentence}
                  </span>
                ),
              )}
            </span>
          </div>
        </>
      )}
    </Dialog>
  );
}

function whyNotYet(preview: ResumePreview | null, paceError: string | undefined): string | false {
  if (preview === null) return 'The limits are being looked at.';
  if (preview.mails === 0) return 'None of them can go out now.';
  return paceError ?? false;
}

/** The preview of the choice that is open; asked for once each time the dialog opens. */
function usePreview(organization: string, choice: HeldChoice | null): Loaded | null {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    if (choice === null) return undefined;
    let isCurrent = true;
    async function load(of: HeldChoice) {
      const { project, selection } = of;
      const result = await previewResumeAction(organization, { project, selection }).catch(() => null);
      if (!isCurrent) return;
      if (result?.ok === true) setLoaded({ of, preview: result.data, error: null });
      else setLoaded({ of, preview: null, error: result?.error ?? null });
    }
    void load(choice);
    return () => {
      isCurrent = false;
    };
  }, [organization, choice]);
  return loaded !== null && loaded.of === choice ? loaded : null;
}

function PassedLimit({ preview }: { preview: ResumePreview }) {
  const { mails, limit, usedToday, passedBy } = preview;
  if (limit === null || usedToday === null) return null;
  return (
    <>
      <div className="pass-meter">
        <Meter tall label="Limit of the day with these mails" used={usedToday + mails} limit={limit} />
        <div className="scale">
          <span>0</span>
          <span>limit {formatNumber(limit)}</span>
        </div>
      </div>
      <SumTable
        rows={[
          { name: 'Sent today', value: formatNumber(usedToday) },
          { name: 'These mails', value: `+ ${formatNumber(mails)}` },
          { name: 'Limit of the day', value: formatNumber(limit) },
          passedBy > 0
            ? {
                name: 'Passed by',
                value: <span className="text-violet-text">{passedWords(preview)}</span>,
              }
            : { name: 'Left after them', value: formatNumber(Math.max(0, limit - usedToday - mails)) },
        ]}
      />
    </>
  );
}

interface Pace {
  readonly kind: 'at_once' | 'paced';
  readonly text: string;
  /** Null: all at once. */
  readonly value: number | null;
  readonly error: string | undefined;
  readonly setKind: (kind: Pace['kind']) => void;
  readonly setText: (text: string) => void;
}

const usualPace = '100';
const maxPace = 100_000;

function usePace(): Pace {
  const [kind, setKind] = useState<Pace['kind']>('at_once');
  const [text, setText] = useState(usualPace);
  const typed = Number(text.replaceAll(/[\s,]/g, ''));
  const isFine = Number.isInteger(typed) && typed >= 1 && typed <= maxPace;
  return {
    kind,
    text,
    value: kind === 'paced' && isFine ? typed : null,
    error: kind === 'paced' && !isFine ? 'A pace is a whole number from 1 to 100,000.' : undefined,
    setKind,
    setText,
  };
}

function PaceChoice({ pace }: { pace: Pace }) {
  return (
    <div>
      <div className="row flex-wrap">
        <Segmented
          small
          name="pace"
          label="Pace"
          value={pace.kind}
          onChange={pace.setKind}
          choices={[
            { value: 'at_once', label: 'All at once' },
            { value: 'paced', label: 'At a pace' },
          ]}
        />
        {pace.kind === 'paced' && (
          <>
            <NumberInput
              small
              className="w-20! text-right"
              aria-label="Mails a minute"
              aria-invalid={pace.error !== undefined || undefined}
              aria-describedby={pace.error === undefined ? undefined : 'pace-error'}
              value={pace.text}
              onChange={(event) => pace.setText(event.target.value)}
            />
            <span className="text-text-3">a minute</span>
          </>
        )}
      </div>
      {pace.error !== undefined && <FieldError id="pace-error">{pace.error}</FieldError>}
    </div>
  );
}
