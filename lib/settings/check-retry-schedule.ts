import { tooManyTries } from '../delivery/labels.ts';
import { invalidField } from '../errors.ts';
import { maxPlannedTries, planTries } from '../policy/decide-retry.ts';
import type { RetrySchedule } from './schemas.ts';

/** Refuses, at this field, a schedule by which one mail would come back hundreds of times. */
export function checkRetrySchedule(schedule: RetrySchedule, field: string): void {
  if (planTries(schedule).length <= maxPlannedTries) return;
  throw invalidField(field, tooManyTries);
}
