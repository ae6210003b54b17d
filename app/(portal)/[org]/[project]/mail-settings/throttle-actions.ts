'use server';

import type { Context } from '#lib/context.ts';
import { findThrottleSharers, throttleWarning } from '#lib/settings/throttle-sharers.ts';
import type { SettingsWarning } from '#lib/settings/warning.ts';
import { defineAction } from '#app/_server/action.ts';

export const warnOfThrottle = defineAction(throttleWords, { refreshes: false });

async function throttleWords(
  ctx: Context,
  input: Parameters<typeof findThrottleSharers>[1],
): Promise<SettingsWarning | null> {
  return throttleWarning(await findThrottleSharers(ctx, input));
}
