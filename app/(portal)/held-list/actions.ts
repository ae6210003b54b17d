'use server';

import { countHeld } from '#lib/backlog/count-held.ts';
import { holdByHand } from '#lib/backlog/hold-by-hand.ts';
import { previewResume } from '#lib/backlog/preview-resume.ts';
import { startBulkRun } from '#lib/backlog/start-bulk-run.ts';
import { stopBulkRun } from '#lib/backlog/stop-bulk-run.ts';
import { undoSuspend } from '#lib/backlog/undo-suspend.ts';
import { defineAction } from '#app/_server/action.ts';

export const countHeldAction = defineAction(countHeld, { refreshes: false });
export const previewResumeAction = defineAction(previewResume, { refreshes: false });
export const startBulkRunAction = defineAction(startBulkRun);
export const stopBulkRunAction = defineAction(stopBulkRun);
export const undoSuspendAction = defineAction(undoSuspend);
export const holdByHandAction = defineAction(holdByHand);
