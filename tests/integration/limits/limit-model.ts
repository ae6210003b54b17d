/**
 * Limits as a person would keep them on paper, apart from the product's own code: a list of what was sent when, and how
 * the days are cut by the zone's wall clock (PRODUCT 5.2).
 */

const minuteMs = 60_000;
const quarterMs = 15 * minuteMs;
const dayMs = 24 * 60 * minuteMs;

export interface Cut {
  readonly startsAt: number;
  readonly kind: 'calendar' | 'rolling';
  readonly timeZone: string;
}

export interface Sent {
  readonly at: number;
  readonly project: string;
  readonly isHigh: boolean;
}

export interface Numbers {
  readonly mailsPerDay: number | null;
  readonly highReserve: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localDay(at: number, timeZone: string): string {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  formats.set(timeZone, format);
  return format.format(at);
}

function isMidnight(at: number, timeZone: string): boolean {
  return localDay(at, timeZone) !== localDay(at - 1, timeZone);
}

// Days begin at quarters of an hour everywhere.
function midnightAtOrAfter(at: number, timeZone: string): number {
  let moment = Math.ceil(at / quarterMs) * quarterMs;
  while (!isMidnight(moment, timeZone)) moment += quarterMs;
  return moment;
}

function midnightAtOrBefore(at: number, timeZone: string): number {
  let moment = Math.floor(at / quarterMs) * quarterMs;
  while (!isMidnight(moment, timeZone)) moment -= quarterMs;
  return moment;
}

export class LimitModel {
  #cuts: Cut[];
  readonly sent: Sent[] = [];

  constructor(first: Omit<Cut, 'startsAt'>) {
    this.#cuts = [{ ...first, startsAt: Number.NEGATIVE_INFINITY }];
  }

  window(now: number): { readonly start: number; readonly end: number } {
    const { kind, timeZone, startsAt } = this.#running(now);
    if (kind === 'rolling') {
      return { start: Math.floor(now / minuteMs) * minuteMs - dayMs, end: Number.POSITIVE_INFINITY };
    }
    if (Number.isFinite(startsAt)) {
      const firstEnd = midnightAtOrAfter(startsAt + dayMs, timeZone);
      if (now < firstEnd) return { start: startsAt, end: firstEnd };
    }
    return { start: midnightAtOrBefore(now, timeZone), end: midnightAtOrAfter(now + 1, timeZone) };
  }

  /** A change of zone or kind begins when the running window ends; one that has not begun is replaced. */
  cut(now: number, wanted: Omit<Cut, 'startsAt'>): void {
    const last = this.#cuts.at(-1);
    if (last?.kind === wanted.kind && last.timeZone === wanted.timeZone) return;
    this.#cuts = this.#cuts.filter(({ startsAt }) => startsAt <= now);
    const running = this.#running(now);
    if (running.kind === wanted.kind && running.timeZone === wanted.timeZone) return;
    const { end } = this.window(now);
    const isAtOnce = running.kind === 'rolling' && wanted.kind === 'rolling';
    const tomorrow = Math.floor(now / minuteMs) * minuteMs + dayMs + minuteMs;
    this.#cuts.push({ ...wanted, startsAt: isAtOnce ? now : Number.isFinite(end) ? end : tomorrow });
  }

  /** Mails of the running window, of one project or of all. */
  used(now: number, project: string | null): { readonly mails: number; readonly high: number } {
    const { start, end } = this.window(now);
    const counted = this.sent.filter((mail) => {
      const minute = Math.floor(mail.at / minuteMs) * minuteMs;
      return minute >= start && minute < end && (project === null || mail.project === project);
    });
    return { mails: counted.length, high: counted.filter(({ isHigh }) => isHigh).length };
  }

  /** What is left for a mail of this priority. */
  room(now: number, scope: Numbers & { readonly project: string | null }, isHigh: boolean): number {
    if (scope.mailsPerDay === null) return Number.POSITIVE_INFINITY;
    const { mails, high } = this.used(now, scope.project);
    return scope.mailsPerDay - mails - (isHigh ? 0 : Math.max(0, scope.highReserve - high));
  }

  #running(now: number): Cut {
    const running = this.#cuts.findLast(({ startsAt }) => startsAt <= now);
    if (running === undefined) throw new Error('a day is always cut somehow');
    return running;
  }
}
