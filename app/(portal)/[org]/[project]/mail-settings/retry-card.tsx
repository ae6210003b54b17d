'use client';

import { Card } from '#app/_ui/card.tsx';
import { formatDuration, formatNumber } from '#app/_ui/format-number.ts';
import { TryLadder } from '#app/_ui/try-ladder.tsx';
import { numberOf } from './connection-fields.ts';
import type { SettingsForm } from './form-values.ts';
import { useForm } from './form-context.tsx';
import { NumberRow } from './form-fields.tsx';
import { planTries } from './plan-tries.ts';

/** When a temporary failure is tried again, with the times that follow from it (PRODUCT 4.4). */
export function RetryCard() {
  return (
    <Card title="Retry" note="of temporary failures">
      <NumberRow field="sending.retry.firstWaitSeconds" unit="seconds" />
      <NumberRow field="sending.retry.factor" unit="times the wait before" />
      <NumberRow field="sending.retry.maxWaitSeconds" unit="seconds" />
      <NumberRow
        field="sending.retry.jitterPercent"
        unit="percent"
        help="Spreads tries apart, so that mail does not all come back at one moment."
      />
      <NumberRow
        field="sending.retry.giveUpAfterHours"
        unit="hours"
        help="Only time in which the mail could be tried counts: a pause or a stopped server does not."
      />
      <div className="fld">
        <span className="lb">Preview</span>
        <Preview />
      </div>
    </Card>
  );
}

function Preview() {
  const { form } = useForm();
  const schedule = scheduleOf(form);
  const tries = schedule === null ? null : planTries(schedule);
  if (schedule === null || tries === null) {
    return <p className="py-1.5 text-text-3">The times appear when the five numbers fit together.</p>;
  }
  const endMs = schedule.giveUpAfterHours * 3_600_000;
  const first = tries.slice(0, 6).map((ms) => formatDuration(ms));
  const more = tries.length > first.length ? ' …' : '';
  return (
    <div className="grid max-w-120 gap-1.5 pt-1.5">
      <TryLadder
        triedMs={[0]}
        nextMs={tries[0]}
        laterMs={tries.slice(1)}
        nowMs={0}
        endMs={endMs}
        label={`${formatNumber(tries.length)} tries over ${formatDuration(endMs)}`}
      />
      <p className="help">
        {tries.length === 0
          ? `Not tried again: the first wait is longer than ${formatDuration(endMs)}.`
          : `Tried again ${first.join(', ')}${more} after the first try, ${formatNumber(tries.length)} times in all; given up after ${formatNumber(schedule.giveUpAfterHours)} h.`}
      </p>
    </div>
  );
}

function scheduleOf(form: SettingsForm) {
  const firstWaitSeconds = numberOf(form['sending.retry.firstWaitSeconds']);
  const factor = numberOf(form['sending.retry.factor']);
  const maxWaitSeconds = numberOf(form['sending.retry.maxWaitSeconds']);
  const giveUpAfterHours = numberOf(form['sending.retry.giveUpAfterHours']);
  const fits =
    firstWaitSeconds >= 5 &&
    factor >= 1 &&
    factor <= 10 &&
    maxWaitSeconds >= firstWaitSeconds &&
    giveUpAfterHours >= 1 &&
    giveUpAfterHours <= 240;
  return fits ? { firstWaitSeconds, factor, maxWaitSeconds, giveUpAfterHours } : null;
}
