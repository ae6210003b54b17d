'use server';

import { proveConnectionNow } from '#lib/connections/prove-now.ts';
import { defineAction } from '#app/_server/action.ts';

export const proveConnectionAction = defineAction(proveConnectionNow);
