'use client';

import { useState } from 'react';
import type { BulkResult } from '#lib/messages/cancel-messages.ts';
import type { ProjectWait } from '#lib/messages/read-project-wait.ts';
import type { Action } from '#app/_server/action.ts';
import { formatCount } from '#app/_ui/format-number.ts';
import { showToast } from '#app/_ui/toast.tsx';
import { holdByHandAction } from '../../../held-list/actions.ts';
import { cancelMessagesAction, releaseMessagesAction, tryMessagesNowAction } from './actions.ts';
import { waitWords } from './wait-words.ts';

export type MessageVerb = 'try_now' | 'release' | 'cancel' | 'hold';

interface Verb {
  readonly act: Action<
    [{ project: string; ids: string[] }],
    BulkResult & { readonly waits?: ProjectWait | null }
  >;
  readonly done: string;
}

const verbs: Readonly<Record<MessageVerb, Verb>> = {
  try_now: { act: tryMessagesNowAction, done: 'moved to the front of the queue' },
  release: { act: releaseMessagesAction, done: 'released' },
  cancel: { act: cancelMessagesAction, done: 'cancelled' },
  hold: { act: holdByHandAction, done: 'held: they wait in the backlog for a person' },
};

/** What is done with messages, one or many. A toast says how many were done and skipped, and what they wait for. */
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
    const { done, skipped, waits } = result.data;
    const skippedWords = `${formatCount(skipped, 'mail')} skipped: started or finished meanwhile`;
    if (done === 0) showToast({ title: skippedWords, glyph: 'retrying', tone: 'amber' });
    else {
      const details = [skipped > 0 ? skippedWords : null, waitWords(waits ?? null)].filter(
        (part) => part !== null,
      );
      showToast({
        title: `${formatCount(done, 'mail')} ${verbs[verb].done}`,
        ...(details.length === 0 ? {} : { detail: details.join('. ') }),
      });
    }
    return true;
  }

  return { pending, carryOut };
}
