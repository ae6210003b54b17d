'use client';

import { useState } from 'react';
import type { MessageRunPreview } from '#lib/messages/preview-message-run.ts';
import { formatCount } from '#app/_ui/format-number.ts';
import { showToast } from '#app/_ui/toast.tsx';
import { startMessageRunAction } from './actions.ts';
import type { RunChoice } from './run-choice.ts';
import { runWords } from './run-words.ts';
import { waitWords } from './wait-words.ts';

/** Does what was confirmed. A toast says how many were done and skipped, or that it goes on in the background. */
export function useMessageRun(organization: string, project: string) {
  const [isPending, setIsPending] = useState(false);

  /** False: it was refused, and the toast says why. */
  async function start({ kind, selection }: RunChoice, preview: MessageRunPreview): Promise<boolean> {
    setIsPending(true);
    const { mails: expected, asOf } = preview;
    const result = await startMessageRunAction(organization, {
      project,
      kind,
      selection,
      expected,
      asOf,
    }).catch(() => null);
    setIsPending(false);
    if (result?.ok !== true) {
      const title =
        result?.error.message ?? 'The portal does not answer. Look at the list before you try again.';
      showToast({ title, glyph: 'failed', tone: 'red' });
      return false;
    }
    const run = result.data;
    if (run.state === 'running') {
      showToast({
        title: `${formatCount(run.expected, 'mail')} in hand`,
        detail: 'It goes on in the background; its progress is above the list.',
        glyph: 'queued',
        tone: 'grey',
      });
      return true;
    }
    const skipped = `${formatCount(run.skipped, 'mail')} skipped: changed meanwhile`;
    if (run.done === 0) {
      showToast({ title: skipped, glyph: 'retrying', tone: 'amber' });
      return true;
    }
    const detail = run.skipped > 0 ? skipped : waitWords(preview.waits);
    showToast({
      title: `${formatCount(run.done, 'mail')} ${runWords[kind].done}`,
      ...(detail === null ? {} : { detail }),
    });
    return true;
  }

  return { isPending, start };
}
