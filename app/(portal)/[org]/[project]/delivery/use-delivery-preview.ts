'use client';

import { useEffect, useState } from 'react';
import type { DeliveryPreview } from '#lib/delivery/preview-delivery.ts';
import type { DeliveryRules } from '#lib/delivery/schemas.ts';
import { previewDeliveryAction } from './actions.ts';

const pauseMs = 300;

/** What the typed rules would mean for mail that waits, once nobody has typed for a moment; null: not known yet. */
export function useDeliveryPreview(
  organization: string,
  { project, rules }: { readonly project: string; readonly rules: DeliveryRules | null },
): DeliveryPreview | null {
  const asked = rules === null ? null : JSON.stringify(rules);
  const [answer, setAnswer] = useState<{ of: string; preview: DeliveryPreview } | null>(null);
  useEffect(() => {
    if (asked === null || rules === null) return undefined;
    let isCurrent = true;
    async function ask(of: string, given: DeliveryRules) {
      const result = await previewDeliveryAction(organization, { project, rules: given }).catch(() => null);
      if (isCurrent && result?.ok === true) setAnswer({ of, preview: result.data });
    }
    const timer = setTimeout(() => void ask(asked, rules), pauseMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
    // The rules are new with every render; their text is what they are.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [organization, project, asked]);
  return answer !== null && answer.of === asked ? answer.preview : null;
}
