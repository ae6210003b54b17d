import type { Outages, Span } from './outages.ts';

/** The wait of a mail from its acceptance to its end, by the database's clock, and when its last try began and ended. */
export interface Wait extends Span {
  readonly begunMs: number | null;
  readonly answeredMs: number | null;
}

/** How long the mails of a project that had no part in a fault waited, in ms. */
export interface Stall {
  /** The longest wait from acceptance to the end, outside of outages. */
  readonly longestMs: number;
  /** The longest wait of the same kind, at the same time, in a Mailroom that nothing was done to. */
  readonly besideMs: number;
  /** The longest wait beyond one and a half times its fair share. */
  readonly stallMs: number;
  /** What the mail that stalled longest waited for. */
  readonly waitedFor: string;
}

/** The promise: beyond its fair share no innocent mail waits longer. */
export const mostStallMs = 2_000;

/** Fewer mails tell nothing. */
const fewestMails = 5;

export interface Surroundings {
  readonly outages: Outages;
  /** The waits in a Mailroom on the same machine that nothing is done to. */
  readonly beside: readonly Span[];
  /** What such a mail usually waits there is its fair share: all have to. */
  readonly isSlowForAll: boolean;
  /** What a mail rightly waits there, in ms, whatever it waits elsewhere. */
  readonly fairShareMs: number;
}

/**
 * The fair share of a mail is what such a mail usually waits in an unharmed Mailroom, or the longest that one waited
 * there in the same moments, where that is more: what the machine takes from everybody is no stall. Null where too few
 * mails were sent to tell.
 */
export function stallOf(
  waits: readonly Wait[],
  { outages, beside, isSlowForAll, fairShareMs }: Surroundings,
): Stall | null {
  if (waits.length < fewestMails) return null;
  const own = waits.map((wait) => ({ wait, ms: outages.outside(wait) }));
  const usualMs = Math.max(
    fairShareMs,
    medianOf(beside.map(({ fromMs, toMs }) => toMs - fromMs)),
    isSlowForAll ? medianOf(own.map(({ ms }) => ms)) : 0,
  );
  const [worst] = own
    .map(({ wait, ms }) => ({ wait, ms: ms - 1.5 * Math.max(usualMs, longestDuring(wait, beside)) }))
    .toSorted((one, other) => other.ms - one.ms);
  const fromMs = Math.min(...waits.map((wait) => wait.fromMs));
  const toMs = Math.max(...waits.map((wait) => wait.toMs));
  return {
    longestMs: Math.max(...own.map(({ ms }) => ms)),
    besideMs: longestDuring({ fromMs, toMs }, beside),
    stallMs: Math.max(0, worst?.ms ?? 0),
    waitedFor: worst === undefined ? '' : wordsOf(worst.wait),
  };
}

function wordsOf({ fromMs, begunMs, answeredMs, toMs }: Wait): string {
  const at = new Date(fromMs).toISOString().slice(11, 23);
  if (begunMs === null || answeredMs === null) return `accepted ${at}, never begun in ${toMs - fromMs} ms`;
  return `accepted ${at}, ${begunMs - fromMs} ms until its turn, ${answeredMs - begunMs} ms until its answer, ${toMs - answeredMs} ms until it was written`;
}

function longestDuring({ fromMs, toMs }: Span, spans: readonly Span[]): number {
  let longestMs = 0;
  for (const span of spans) {
    if (span.fromMs > toMs || span.toMs < fromMs) continue;
    longestMs = Math.max(longestMs, span.toMs - span.fromMs);
  }
  return longestMs;
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
