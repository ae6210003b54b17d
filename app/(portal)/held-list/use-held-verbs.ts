'use client';

import { useState } from 'react';
import type { BulkKind, HeldState } from '#lib/backlog/schemas.ts';
import type { ResumePreview } from '#lib/backlog/views.ts';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';
import { showToast } from '#app/_ui/toast.tsx';
import { countHeldAction, startBulkRunAction, undoSuspendAction } from './actions.ts';
import type { HeldChoice } from './held-choice.ts';

const doneWords = { resume: 'resumed', suspend: 'suspended', return: 'put back into the backlog' } as const;
const doingWords = { resume: 'Resuming', suspend: 'Suspending', return: 'Putting back' } as const;
const skippedBecause = 'changed meanwhile';

function refused(message: string | undefined): void {
  showToast({
    title: message ?? 'The portal does not answer. Nothing was done.',
    glyph: 'failed',
    tone: 'red',
  });
}

/** What is done with chosen held mails. A toast says how many were done and skipped; a suspend can be undone there. */
export function useHeldVerbs(organization: string) {
  const [pending, setPending] = useState<BulkKind | null>(null);

  async function undo(run: string): Promise<void> {
    const result = await undoSuspendAction(organization, { run }).catch(() => null);
    if (result?.ok === true) showToast({ title: 'Undone: the mails are in the backlog again' });
    else refused(result?.error.message);
  }

  /** False: it was refused, and the toast says why. */
  async function carryOut(
    kind: BulkKind,
    { project, selection, count }: HeldChoice,
    resume?: { readonly preview: ResumePreview; readonly pacePerMinute: number | null },
  ): Promise<boolean> {
    setPending(kind);
    const result = await startBulkRunAction(organization, {
      project,
      kind,
      selection,
      expected: resume === undefined ? count : resume.preview.mails + resume.preview.quotaHeld,
      ...(resume === undefined
        ? {}
        : {
            asOf: resume.preview.asOf,
            pacePerMinute: resume.pacePerMinute,
            overrides: {
              dayLimit: resume.preview.limits.some(({ heldAgain }) => heldAgain > 0),
              recipientsLimit: resume.preview.overRecipients !== null,
            },
          }),
    }).catch(() => null);
    setPending(null);
    if (result?.ok !== true) {
      refused(result?.error.message);
      return false;
    }
    const run = result.data;
    if (run.state === 'running') {
      showToast({
        title: `${doingWords[kind]} ${formatCount(run.expected, 'mail')}`,
        detail: 'It goes on in the background; its progress is above the list.',
        glyph: 'queued',
        tone: 'grey',
      });
      return true;
    }
    const skipped =
      run.skipped > 0 ? `${formatCount(run.skipped, 'mail')} skipped: ${skippedBecause}` : undefined;
    const passed =
      resume === undefined || resume.preview.passedBy === 0 ? undefined : resume.preview.passedBy;
    showToast({
      title: `${formatCount(run.done, 'mail')} ${doneWords[kind]}`,
      detail:
        skipped ?? (passed === undefined ? undefined : `The limit is passed by ${formatNumber(passed)}`),
      ...(kind === 'resume' && passed !== undefined ? { glyph: 'backlog', tone: 'violet' } : {}),
      ...(kind === 'suspend' && run.done > 0
        ? { action: { label: 'Undo', onPress: () => void undo(run.id) } }
        : {}),
    });
    return true;
  }

  /** The same choice with its whole number, where counting had stopped before it; null: it was refused. */
  async function counted(state: HeldState, choice: HeldChoice): Promise<HeldChoice | null> {
    const { project, selection } = choice;
    if (choice.isCapped !== true || 'ids' in selection) return choice;
    const result = await countHeldAction(organization, {
      project,
      state,
      filters: selection.filter,
      exact: true,
    }).catch(() => null);
    if (result?.ok === true) {
      const count = Math.max(0, result.data.mails - (selection.except?.length ?? 0));
      return { ...choice, count, isCapped: false };
    }
    refused(result?.error.message);
    return null;
  }

  return { pending, carryOut, counted, undo };
}
