'use client';

import { useState } from 'react';
import { formatCount } from '#app/_ui/format-number.ts';
import { showToast } from '#app/_ui/toast.tsx';
import { cancelMessagesAction, tryMessagesNowAction } from './actions.ts';

const bulkVerbs = {
  cancel: { act: cancelMessagesAction, done: 'cancelled' },
  try_now: { act: tryMessagesNowAction, done: 'moved to the front of the queue' },
} as const;
type BulkVerb = keyof typeof bulkVerbs;

/** The actions on ticked messages; a toast says how many were done and how many skipped. */
export function useBulkMessages(organization: string, project: string) {
  const [pending, setPending] = useState<BulkVerb | null>(null);

  async function carryOut(verb: BulkVerb, ids: readonly string[], clear: () => void): Promise<void> {
    setPending(verb);
    const result = await bulkVerbs[verb].act(organization, { project, ids: [...ids] });
    setPending(null);
    if (!result.ok) {
      showToast({ title: result.error.message, glyph: 'failed', tone: 'red' });
      return;
    }
    const { done, skipped } = result.data;
    showToast({
      title: `${formatCount(done, 'mail')} ${bulkVerbs[verb].done}`,
      ...(skipped > 0
        ? { detail: `${formatCount(skipped, 'mail')} skipped: started or finished meanwhile` }
        : {}),
    });
    clear();
  }

  return {
    pending,
    run: (verb: BulkVerb, ids: readonly string[], clear: () => void) => void carryOut(verb, ids, clear),
  };
}
