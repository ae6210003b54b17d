'use server';

import { previewLimitChange } from '#lib/limits/preview-limit-change.ts';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import { saveLimitCalendar } from '#lib/limits/save-limit-calendar.ts';
import { saveLimitPolicy } from '#lib/limits/save-limit-policy.ts';
import { defineAction } from '#app/_server/action.ts';

export const previewLimitChangeAction = defineAction(previewLimitChange, { refreshes: false });
export const saveLimitAction = defineAction(saveLimit);
export const saveLimitPolicyAction = defineAction(saveLimitPolicy);
export const saveLimitCalendarAction = defineAction(saveLimitCalendar);
export const saveAutoResumeAction = defineAction(saveAutoResume);
