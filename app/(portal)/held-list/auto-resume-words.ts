import type { AutoResumeView } from '#lib/backlog/views.ts';
import { formatClock } from '#app/_ui/format-time.ts';
import { formatCount, formatNumber } from '#app/_ui/format-number.ts';

export interface AutoResumeWords {
  readonly title: string;
  /** What it waits for, and what it will do then. */
  readonly detail: string;
}

/** What auto resume will do next and when, in the organization's zone. `now` is an ISO instant. */
export function autoResumeWords(view: AutoResumeView, now: string): AutoResumeWords {
  const origin = view.isInherited ? ' The organization has chosen so.' : '';
  if (!view.isOn) {
    return {
      title: 'Auto resume is off.',
      detail: `Held mails stay until a person resumes them.${origin}`,
    };
  }
  const below = view.threshold === null ? '' : `, as long as fewer than ${formatNumber(view.threshold)} wait`;
  return {
    title: 'Auto resume is on.',
    detail:
      `When the limit is raised or a new day starts, held mails go out by themselves, oldest first${below}. ${next(view, now)}`.trim(),
  };
}

function next(view: AutoResumeView, now: string): string {
  const { pending, threshold, blockedBy, nextCause, willRelease } = view;
  if (pending === 0) return 'None waits for it now.';
  if (blockedBy === 'threshold') {
    return `${formatCount(pending, 'mail')} ${pending === 1 ? 'waits' : 'wait'} now, not fewer than ${formatNumber(threshold ?? 0)}: they stay until a person resumes some or the limit is raised.`;
  }
  if (blockedBy === 'paused') return 'Sending is paused: nothing is released until a person starts it.';
  const forecast = forecastWords(view, now);
  if (forecast !== null && threshold !== null && (view.pendingByEnd ?? 0) >= threshold) {
    return `${forecast}, so they will stay until a person resumes them or the limit is raised.`;
  }
  if (nextCause !== null && willRelease > 0) {
    return `${forecast === null ? '' : `${forecast}. `}Next: at ${momentWords(nextCause.at, now, view.timeZone)}, ${formatNumber(willRelease)} of ${formatNumber(pending)}.`;
  }
  if (blockedBy === null && willRelease > 0) {
    return `${formatNumber(willRelease)} of ${formatNumber(pending)} go out now.`;
  }
  return `${formatCount(pending, 'mail')} ${pending === 1 ? 'waits' : 'wait'} for room.`;
}

/** "At today's pace about 14,300 wait by midnight"; null where that is no more than wait now, or nothing tells. */
function forecastWords({ pending, pendingByEnd, nextCause, timeZone }: AutoResumeView, now: string) {
  if (pendingByEnd === null || pendingByEnd <= pending || nextCause === null) return null;
  const about = formatNumber(Number(pendingByEnd.toPrecision(3)));
  const end = momentWords(nextCause.at, now, timeZone);
  return `At today's pace about ${about} wait by ${end === `00:00 ${timeZone}` ? 'midnight' : end}`;
}

/** "00:00 Europe/Berlin", with the day where it is not within the next 24 hours. */
function momentWords(at: string, now: string, timeZone: string): string {
  const clock = formatClock(new Date(at), new Date(at), timeZone).slice(0, 5);
  const isFar = Date.parse(at) - Date.parse(now) > 24 * 3_600_000;
  return isFar ? `${formatClock(new Date(at), new Date(now), timeZone)} ${timeZone}` : `${clock} ${timeZone}`;
}
