'use client';

import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import type { AllowanceSpan } from '#lib/flood/schemas.ts';
import { Button } from '#app/_ui/button.tsx';
import { RadioCards } from '#app/_ui/choices.tsx';
import { ConfirmDialog } from '#app/_ui/dialog.tsx';
import { formatCount } from '#app/_ui/format-number.ts';
import { showToast } from '#app/_ui/toast.tsx';
import { allowFloodAction } from '../[org]/[project]/flood/actions.ts';

interface AllowFloodProps {
  readonly organization: string;
  readonly project: string | null;
  /** Mails that the flood breaker holds. */
  readonly ids: readonly string[];
  readonly onDone: () => void;
}

const spans = [
  { value: 'for_ever', label: 'For ever', note: 'Until a person ends it on the page of the flood breaker.' },
  { value: 'week', label: 'For a week' },
  { value: 'day', label: 'For a day' },
  { value: 'hour', label: 'For an hour' },
] as const satisfies readonly { value: AllowanceSpan; label: string; note?: string }[];

/** "Is fine, let through": the chosen mails go out, and more of their kind passes from then on. */
export function AllowFloodButton({ organization, project, ids, onDone }: AllowFloodProps) {
  const [isOpen, setIsOpen] = useState(false);
  const [span, setSpan] = useState<AllowanceSpan>('for_ever');
  const mails = formatCount(ids.length, 'mail');
  async function allow(): Promise<boolean> {
    const result = await allowFloodAction(organization, { project, ids: [...ids], span }).catch(() => null);
    if (result?.ok !== true) {
      showToast({
        title: result?.error.message ?? 'The portal does not answer. Nothing was done.',
        glyph: 'failed',
        tone: 'red',
      });
      return false;
    }
    showToast({
      title: `${formatCount(result.data.run.done, 'mail')} let through, and more of the kind from now on`,
    });
    onDone();
    return true;
  }
  return (
    <>
      <Button icon={ShieldCheck} onClick={() => setIsOpen(true)}>
        Is fine, let through…
      </Button>
      <ConfirmDialog
        open={isOpen}
        onOpenChange={setIsOpen}
        title={`Let ${mails} and ${ids.length === 1 ? 'its' : 'their'} kind through?`}
        description={`${ids.length === 1 ? 'It goes' : 'They go'} out now, as the limits allow, and mail of the same sender, recipient and subject is not held as a flood:`}
        confirmLabel={`Let ${mails} through`}
        pendingLabel="Letting through…"
        onConfirm={allow}
      >
        <RadioCards name="span" label="For how long" value={span} onChange={setSpan} choices={spans} />
      </ConfirmDialog>
    </>
  );
}
