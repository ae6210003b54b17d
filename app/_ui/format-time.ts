import { formatDuration } from './format-number.ts';

export type TimeStyle = 'relative' | 'elapsed' | 'left' | 'minute' | 'clock' | 'date' | 'exact';

type Parts = {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
  second: string;
  zone: string;
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  });
  formatters.set(zone, made);
  return made;
}

function partsOf(date: Date, zone: string): Parts {
  const found = new Map(
    formatterOf(zone)
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  );
  const part = (type: Intl.DateTimeFormatPartTypes): string => found.get(type) ?? '';
  return {
    year: part('year'),
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
    zone: part('timeZoneName'),
  };
}

/** "2026-11-19 14:11:52 WET", in the given IANA zone. */
export function formatExact(date: Date, zone: string): string {
  const at = partsOf(date, zone);
  return `${at.year}-${at.month}-${at.day} ${at.hour}:${at.minute}:${at.second} ${at.zone}`;
}

/** "21 Nov", with the year when it is another one. */
export function formatDate(date: Date, now: Date, zone: string): string {
  const at = partsOf(date, zone);
  const day = `${Number(at.day)} ${months[Number(at.month) - 1] ?? at.month}`;
  return at.year === partsOf(now, zone).year ? day : `${day} ${at.year}`;
}

/** "14:11:52" today, "21 Nov, 14:04" on another day. */
export function formatClock(date: Date, now: Date, zone: string): string {
  const at = partsOf(date, zone);
  const today = partsOf(now, zone);
  const isToday = at.year === today.year && at.month === today.month && at.day === today.day;
  if (isToday) return `${at.hour}:${at.minute}:${at.second}`;
  return `${formatDate(date, now, zone)}, ${at.hour}:${at.minute}`;
}

/** "14:11" today, "21 Nov" on another day: for narrow columns and "since …". */
export function formatMinute(date: Date, now: Date, zone: string): string {
  const clock = formatClock(date, now, zone);
  return clock.includes(',') ? formatDate(date, now, zone) : clock.slice(0, 5);
}

const dayMs = 24 * 3_600_000;
/** Within this of a whole number of days ahead the days are that number: a link of 7 days has 7 when it is made. */
const daySlackMs = 3_600_000;

/**
 * "just now", "12 s ago", "3 days ago". What lies ahead is not rounded, "in 6 min 44 s", but for days: "in 7 days" until
 * an hour of them has passed.
 */
export function formatRelative(date: Date, now: Date): string {
  const distance = date.getTime() - now.getTime();
  if (distance >= 2 * dayMs - daySlackMs) return `in ${Math.floor((distance + daySlackMs) / dayMs)} days`;
  if (distance > 0) return distance < 1000 ? 'now' : `in ${formatDuration(distance)}`;
  const seconds = Math.floor(-distance / 1000);
  if (seconds < 5) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? '1 day ago' : `${days} days ago`;
}

/** What is left until then: "4 h 48 min", "1 d 21 h"; "now" once it has come. */
export function formatLeft(date: Date, now: Date): string {
  const left = date.getTime() - now.getTime();
  if (left <= 0) return 'now';
  const hours = Math.floor(left / 3_600_000);
  if (hours < 24) return formatDuration(left);
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** One moment in one of the seven styles. */
export function formatTime(date: Date, now: Date, zone: string, style: TimeStyle): string {
  switch (style) {
    case 'relative':
      return formatRelative(date, now);
    case 'elapsed':
      return formatDuration(Math.max(0, now.getTime() - date.getTime()));
    case 'left':
      return formatLeft(date, now);
    case 'minute':
      return formatMinute(date, now, zone);
    case 'clock':
      return formatClock(date, now, zone);
    case 'date':
      return formatDate(date, now, zone);
    case 'exact':
      return formatExact(date, zone);
    default: {
      const never: never = style;
      return never;
    }
  }
}
