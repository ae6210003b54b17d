/**
 * How a pool's mails are spaced (PRODUCT 5.9): the generic cell rate algorithm over the theoretical arrival times that
 * Postgres keeps. Times are ms of one clock, the database's. Pure.
 */

/** What a provider grants, in its own units; null is unlimited. */
export interface PoolFigures {
  readonly mailsPerMinute: number | null;
  readonly mailsPerHour: number | null;
  readonly recipientsPerDay: number | null;
  readonly bytesPerFiveMinutes: number | null;
  readonly connections: number | null;
  /** Left to others, of every figure. */
  readonly reservePercent: number;
  /** Left to others on top, of the day's recipients. */
  readonly reserveRecipients: number;
}

/** When each rate is next free. */
export interface PaceState {
  readonly minuteFreeMs: number;
  readonly hourFreeMs: number;
  readonly bytesFreeMs: number;
}

export interface AskedMail {
  readonly recipients: number;
  readonly bytes: number;
  /** It counts in the day's quota and is not held by it. */
  readonly passesQuota?: boolean;
}

export type PaceCause = 'minute' | 'hour' | 'bytes';

export interface Grant {
  /** When each mail may start, in the order asked; mails behind the last one got none. */
  readonly startsMs: readonly number[];
  readonly state: PaceState;
  /** What the first mail without a permit waits for: its start by the rates, or room in the day's quota. */
  readonly next:
    | { readonly kind: 'none' }
    | { readonly kind: 'rate'; readonly startMs: number; readonly cause: PaceCause }
    | { readonly kind: 'quota'; readonly left: number };
}

/** A permit is used within so long of its start or not at all; rates are stretched by it, so that it never breaks one. */
export const launchSlackMs = 1000;
/** Permits are given ahead for so long: about one statement a second, and a stop holds as soon. */
export const permitHorizonMs = 1000;
const mostPermits = 500;

const minuteMs = 60_000;
const hourMs = 3_600_000;
const fiveMinutesMs = 300_000;

/** The figures that this product may use now: without the reserve, and slowed by the provider (`factor` in (0, 1]). */
export function usableFigures(
  figures: PoolFigures,
  factor: number,
): Omit<PoolFigures, 'reservePercent' | 'reserveRecipients'> {
  const share = 1 - figures.reservePercent / 100;
  const rate = (figure: number | null): number | null => (figure === null ? null : figure * share * factor);
  const { connections, recipientsPerDay } = figures;
  return {
    mailsPerMinute: rate(figures.mailsPerMinute),
    mailsPerHour: rate(figures.mailsPerHour),
    bytesPerFiveMinutes: rate(figures.bytesPerFiveMinutes),
    recipientsPerDay:
      recipientsPerDay === null
        ? null
        : Math.max(
            0,
            Math.floor((recipientsPerDay * (100 - figures.reservePercent)) / 100) - figures.reserveRecipients,
          ),
    connections: connections === null ? null : Math.max(1, Math.floor(connections * share * factor)),
  };
}

/** One unit each `intervalMs`; after a rest, `burst` units may follow each other at once. */
interface Spacing {
  readonly intervalMs: number;
  readonly burst: number;
}

/**
 * A minute's mails are spread evenly. Of an hour's, a tenth may go at once after a rest, and of five minutes' bytes a
 * quarter; what then drips is lessened by as much, so that no window of the rate ever has more than the rate.
 */
function spacings(usable: ReturnType<typeof usableFigures>): Readonly<Record<PaceCause, Spacing | null>> {
  const { mailsPerMinute, mailsPerHour, bytesPerFiveMinutes } = usable;
  return {
    minute:
      mailsPerMinute === null ? null : { intervalMs: (minuteMs + launchSlackMs) / mailsPerMinute, burst: 1 },
    hour: mailsPerHour === null ? null : hourSpacing(mailsPerHour),
    bytes:
      bytesPerFiveMinutes === null
        ? null
        : {
            intervalMs: (fiveMinutesMs + launchSlackMs) / (0.75 * bytesPerFiveMinutes),
            burst: 0.25 * bytesPerFiveMinutes,
          },
  };
}

function hourSpacing(perHour: number): Spacing {
  const burst = Math.max(1, Math.floor(perHour / 10));
  return { intervalMs: (hourMs + launchSlackMs) / (perHour - burst + 1), burst };
}

/**
 * Gives permits to the first of the mails, each with its start, as far as the horizon reaches. `recipientsLeft` is what
 * the day's quota still holds (null: no quota); a mail that does not fit ends the line.
 */
export function grantPermits(
  facts: {
    readonly state: PaceState;
    readonly figures: PoolFigures;
    readonly factor: number;
    readonly recipientsLeft: number | null;
  },
  mails: readonly AskedMail[],
  nowMs: number,
): Grant {
  const spacing = spacings(usableFigures(facts.figures, facts.factor));
  const startsMs: number[] = [];
  let { state } = facts;
  let left = facts.recipientsLeft;
  for (const mail of mails.slice(0, mostPermits)) {
    if (left !== null && mail.recipients > left && mail.passesQuota !== true)
      return { startsMs, state, next: { kind: 'quota', left } };
    const step = place(spacing, state, mail, nowMs);
    if (step.startMs > nowMs + permitHorizonMs) {
      return { startsMs, state, next: { kind: 'rate', startMs: step.startMs, cause: step.cause } };
    }
    startsMs.push(step.startMs);
    state = step.state;
    if (left !== null) left -= mail.recipients;
  }
  return { startsMs, state, next: { kind: 'none' } };
}

/** When the next mail of this size could start, and by which rate. */
export function nextStart(
  facts: { readonly state: PaceState; readonly figures: PoolFigures; readonly factor: number },
  nowMs: number,
): { readonly startMs: number; readonly cause: PaceCause } {
  return place(
    spacings(usableFigures(facts.figures, facts.factor)),
    facts.state,
    { recipients: 1, bytes: 1 },
    nowMs,
  );
}

function place(
  spacing: ReturnType<typeof spacings>,
  state: PaceState,
  mail: AskedMail,
  nowMs: number,
): { readonly startMs: number; readonly cause: PaceCause; readonly state: PaceState } {
  const rates = [
    { cause: 'minute', spacing: spacing.minute, freeMs: state.minuteFreeMs, units: 1 },
    { cause: 'hour', spacing: spacing.hour, freeMs: state.hourFreeMs, units: 1 },
    { cause: 'bytes', spacing: spacing.bytes, freeMs: state.bytesFreeMs, units: mail.bytes },
  ] as const;
  let startMs = nowMs;
  let cause: PaceCause = 'minute';
  for (const rate of rates) {
    const earliestMs = rate.spacing === null ? nowMs : earliest(rate.spacing, rate.freeMs, rate.units);
    if (earliestMs <= startMs) continue;
    startMs = earliestMs;
    cause = rate.cause;
  }
  const after = (rate: (typeof rates)[number]): number =>
    rate.spacing === null
      ? rate.freeMs
      : Math.max(rate.freeMs, startMs) + rate.units * rate.spacing.intervalMs;
  const [minute, hour, bytes] = rates;
  return {
    startMs,
    cause,
    state: { minuteFreeMs: after(minute), hourFreeMs: after(hour), bytesFreeMs: after(bytes) },
  };
}

// What is larger than the whole burst waits for all of it.
function earliest({ intervalMs, burst }: Spacing, freeMs: number, units: number): number {
  return freeMs + (Math.min(units, burst) - burst) * intervalMs;
}
