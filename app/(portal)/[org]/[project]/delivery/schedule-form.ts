import { tooManyTries } from '#lib/delivery/labels.ts';
import type { DeliveryRules } from '#lib/delivery/schemas.ts';
import { maxPlannedTries, planTries } from '#lib/policy/decide-retry.ts';
import { retrySchedule, type RetrySchedule } from '#lib/settings/schemas.ts';

/** Seconds of each unit that a time can be typed in. */
export const unitSeconds = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
export type Unit = keyof typeof unitSeconds;

/** A time as it is typed. */
export interface TypedTime {
  readonly amount: string;
  readonly unit: Unit;
}

/** What the form holds while it is edited. */
export interface DeliveryForm {
  readonly firstWait: TypedTime;
  readonly factor: string;
  readonly longestWait: TypedTime;
  readonly jitter: string;
  readonly giveUp: TypedTime;
  readonly uncertain: DeliveryRules['uncertain'];
}

export type ScheduleField = Exclude<keyof DeliveryForm, 'uncertain'>;

/** The form's field that an error of the schedule belongs to. */
export const fieldOfKey: Readonly<Record<keyof RetrySchedule, ScheduleField>> = {
  firstWaitSeconds: 'firstWait',
  factor: 'factor',
  maxWaitSeconds: 'longestWait',
  jitterPercent: 'jitter',
  giveUpAfterHours: 'giveUp',
};

export function formOf({ retry, uncertain }: DeliveryRules): DeliveryForm {
  return {
    firstWait: timeOf(retry.firstWaitSeconds, ['hours', 'minutes', 'seconds']),
    factor: String(retry.factor),
    longestWait: timeOf(retry.maxWaitSeconds, ['hours', 'minutes', 'seconds']),
    jitter: String(retry.jitterPercent),
    // 48 h reads better than 2 days, and 30 days better than 720 h.
    giveUp:
      retry.giveUpAfterHours <= 96
        ? { amount: String(retry.giveUpAfterHours), unit: 'hours' }
        : timeOf(retry.giveUpAfterHours * 3600, ['days', 'hours']),
    uncertain,
  };
}

/** In the largest of these units that it is a whole number of. */
function timeOf(seconds: number, units: readonly Unit[]): TypedTime {
  const unit = units.find((each) => seconds % unitSeconds[each] === 0) ?? 'seconds';
  return { amount: String(seconds / unitSeconds[unit]), unit };
}

export type ReadSchedule =
  | { readonly kind: 'schedule'; readonly schedule: RetrySchedule }
  | { readonly kind: 'faults'; readonly faults: Readonly<Partial<Record<ScheduleField, string>>> };

/** The schedule that was typed, or what is wrong with each field. */
export function readSchedule(form: DeliveryForm): ReadSchedule {
  const parsed = retrySchedule.safeParse({
    firstWaitSeconds: secondsOf(form.firstWait),
    factor: numberOf(form.factor),
    maxWaitSeconds: secondsOf(form.longestWait),
    jitterPercent: numberOf(form.jitter),
    giveUpAfterHours: secondsOf(form.giveUp) / 3600,
  });
  if (parsed.success) {
    const isRestless = planTries(parsed.data).length > maxPlannedTries;
    return isRestless
      ? { kind: 'faults', faults: { giveUp: tooManyTries } }
      : { kind: 'schedule', schedule: parsed.data };
  }
  const faults: Partial<Record<ScheduleField, string>> = {};
  for (const issue of parsed.error.issues) {
    const key = scheduleKeys.find((each) => each === issue.path[0]);
    if (key === undefined) continue;
    faults[fieldOfKey[key]] ??= issue.message.startsWith('Invalid')
      ? 'This is a number, such as 5 or 1.5, that comes to whole seconds, percents or hours.'
      : issue.message;
  }
  return { kind: 'faults', faults };
}

const scheduleKeys: readonly (keyof RetrySchedule)[] = [
  'firstWaitSeconds',
  'factor',
  'maxWaitSeconds',
  'jitterPercent',
  'giveUpAfterHours',
];

function numberOf(text: string): number {
  const typed = text.trim().replace(/^(\d+),(\d+)$/, '$1.$2');
  return typed === '' ? Number.NaN : Number(typed);
}

function secondsOf({ amount, unit }: TypedTime): number {
  const seconds = numberOf(amount) * unitSeconds[unit];
  // 1.1 h is 3960 s, not 3960.0000000000005.
  return Math.abs(seconds - Math.round(seconds)) < 1e-6 ? Math.round(seconds) : seconds;
}

export function timeText({ amount, unit }: TypedTime): string {
  return `${amount.trim()} ${amount.trim() === '1' ? unit.slice(0, -1) : unit}`;
}
