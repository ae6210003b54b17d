'use server';

import { clearMailSettings } from '#lib/settings/clear-mail-settings.ts';
import { restoreMailSettings } from '#lib/settings/restore-mail-settings.ts';
import { saveMailSettings } from '#lib/settings/save-mail-settings.ts';
import { defineAction } from '#app/_server/action.ts';

export const saveSettings = defineAction(saveMailSettings);
export const clearSettings = defineAction(clearMailSettings);
export const restoreSettings = defineAction(restoreMailSettings);
