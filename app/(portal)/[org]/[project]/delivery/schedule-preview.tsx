import { planTries } from '#lib/policy/decide-retry.ts';
import type { RetrySchedule } from '#lib/settings/schemas.ts';
import { formatDuration, formatNumber } from '#app/_ui/format-number.ts';
import { TryLadder } from '#app/_ui/try-ladder.tsx';

const named = 6;

/** The times that a schedule gives a mail that keeps failing: as a ladder and in words. */
export function SchedulePreview({ schedule }: { schedule: RetrySchedule }) {
  const tries = planTries(schedule);
  const endMs = schedule.giveUpAfterHours * 3_600_000;
  const end = endMs > 96 * 3_600_000 ? formatDuration(endMs) : `${formatNumber(schedule.giveUpAfterHours)} h`;
  const total = `${formatNumber(tries.length + 1)} ${tries.length === 0 ? 'try' : 'tries'} in all`;
  return (
    <div className="grid max-w-120 gap-1.5 pt-1.5">
      <TryLadder
        triedMs={[0]}
        nextMs={tries[0]}
        laterMs={tries.slice(1)}
        nowMs={0}
        endMs={endMs}
        label={`${total} over ${end}`}
      />
      <p className="help" data-preview="">
        {tries.length === 0
          ? `Tried once only: the first wait is longer than ${end}.`
          : `Tried again after about ${timesWords(tries)}. Given up after ${end}, ${total}.`}
      </p>
    </div>
  );
}

/** "1 min, 4 min, 13 min, 40 min, 2 h 01 min … 46 h 01 min". */
function timesWords(tries: readonly number[]): string {
  const times = tries.map((ms) => formatDuration(ms));
  const last = times.at(-1);
  if (times.length <= named + 1 || last === undefined) return times.join(', ');
  return `${times.slice(0, named).join(', ')} … ${last}`;
}
