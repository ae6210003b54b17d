'use server';

import { allowFlood } from '#lib/flood/allow-flood.ts';
import { endFloodAllowance } from '#lib/flood/end-flood-allowance.ts';
import { saveFloodSettings } from '#lib/flood/save-flood-settings.ts';
import { defineAction } from '#app/_server/action.ts';

export const allowFloodAction = defineAction(allowFlood);
export const endFloodAllowanceAction = defineAction(endFloodAllowance);
export const saveFloodSettingsAction = defineAction(saveFloodSettings);
