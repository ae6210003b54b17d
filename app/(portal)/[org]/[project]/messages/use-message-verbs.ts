'use client';

import { useState } from 'react';
import { formatCount } from '#app/_ui/format-number.ts';
import { showToast } from '#app/_ui/toast.tsx';
import { holdByHandAction } from '../../../held-list/actions.ts';
import { cancelMessagesAction, releaseMessagesAction, tryMessagesNowAction } from './actions.ts';

const verbs = {
  try_now: { act: tryMessagesNowAction, done: 'moved to the front of the queue' },
  release: { act: releaseMessagesAction, done: 'released' },
  cancel: { act: cancelMessagesAction, done: 'cancelled' },
  hold: { act: holdByHandAction, done: 'held: they wait in the backlog for a person' },
} as const;
export type MessageVerb = keyof typeof verbs;

/** What is done with messages, one or many. A toast says how many were done and how many skipped. */
export function useMessageVerbs(organization: string, project: string) {
  const [pending, setPending] = useState<MessageVerb | null>(null);

  /** False: it was refused, and the toast says why. */
  async function carryOut(verb: MessageVerb, ids: readonly string[]): Promise<boolean> {
    setPending(verb);
    const result = await verbs[verb].act(organization, { project, ids: [...ids] }).catch(() => null);
    setPending(null);
    if (result?.ok !== true) {
      const title = result?.error.message ?? 'The portal does not answer. Nothing was done.';
      showToast({ title, glyph: 'failed', tone: 'red' });
      return false;
    }
    const { done, skipped } = result.data;
    const skippedWords = `${formatCount(skipped, 'mail')} skipped: started or finished meanwhile`;
    if (done === 0) showToast({ title: skippedWords, glyph: 'retrying', tone: 'amber' });
    else {
      showToast({
        title: `${formatCount(done, 'mail')} ${verbs[verb].done}`,
        ...(skipped > 0 ? { detail: skippedWords } : {}),
      });
    }
    return true;
  }

  return { pending, carryOut };
}
