'use client';

import { useEffect, useState } from 'react';
import type { LimitChangePreview } from '#lib/limits/limits-view.ts';
import type { PresentedError } from '#app/_server/present-error.ts';
import { previewLimitChangeAction } from './actions.ts';
import type { LimitSide } from './limit-rows.ts';

export interface LimitPreview {
  readonly preview: LimitChangePreview | null;
  readonly error: PresentedError | null;
  /** The figures are those of a value that is no longer typed. */
  readonly isPending: boolean;
}

const waitMs = 250;

/** The effect of a limit while it is typed. `value` undefined asks nothing, null is "no limit". */
export function useLimitPreview(
  organization: string,
  scope: string,
  side: LimitSide,
  value: number | null | undefined,
): LimitPreview {
  const [answer, setAnswer] = useState<{ of: number | null | undefined } & Omit<LimitPreview, 'isPending'>>({
    of: undefined,
    preview: null,
    error: null,
  });
  useEffect(() => {
    if (value === undefined) return undefined;
    let isCurrent = true;
    async function ask(of: number | null) {
      const change = side === 'day' ? { mailsPerDay: of } : { recipientsPerMail: of };
      const result = await previewLimitChangeAction(organization, { scope, ...change }).catch(() => null);
      if (!isCurrent) return;
      if (result?.ok === true) setAnswer({ of, preview: result.data, error: null });
      else setAnswer((known) => ({ ...known, of, error: result?.error ?? null }));
    }
    const timer = setTimeout(() => void ask(value), waitMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [organization, scope, side, value]);
  const isPending = value !== undefined && answer.of !== value;
  return { preview: answer.preview, error: isPending ? null : answer.error, isPending };
}
