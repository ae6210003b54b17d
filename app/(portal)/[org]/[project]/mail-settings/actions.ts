'use server';

import type { Context } from '#lib/context.ts';
import { clearMailSettings } from '#lib/settings/clear-mail-settings.ts';
import { restoreMailSettings } from '#lib/settings/restore-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { defineAction } from '#app/_server/action.ts';
import { wakeLane } from '#app/_server/services.ts';

export const saveSettings = defineAction(woken(saveMailSettings));
export const clearSettings = defineAction(woken(clearMailSettings));
export const restoreSettings = defineAction(woken(restoreMailSettings));

/** The verb, and then a wake: new settings may let waiting mail go. */
function woken<Input, Data extends { readonly laneId: string }>(
  verb: (ctx: Context, input: Input) => Promise<Data>,
): (ctx: Context, input: Input) => Promise<Data> {
  return async (ctx, input) => {
    const data = await verb(ctx, input);
    wakeLane(data.laneId);
    return data;
  };
}
