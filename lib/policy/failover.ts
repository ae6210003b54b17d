import type { Fault } from '#lib/transports/contract.ts';

export type Endpoint = 'primary' | 'alternate';

/** Failures in a row that mean "cannot be reached" (PRODUCT 6.1); what answers at once may be a moment's trouble. */
export const failuresInRow = 3;

/** So long was asked for that one failure says as much as several. */
const wholeWait: ReadonlySet<string> = new Set(['CONNECT_TIMEOUT', 'SMTP_TIMEOUT']);

/** What both servers share: the place that tokens come from, and the proxy itself. */
const sharedStages: ReadonlySet<Fault['stage']> = new Set(['token', 'http']);
const sharedCodes: ReadonlySet<string> = new Set(['PROXY_UNREACHABLE']);

/**
 * Whether the fault says that this very server cannot be reached. What the other would meet as well does not, nor does a
 * server that ends the session instead of a sign-in.
 */
export function isServersOwn({ stage, code }: Pick<Fault, 'stage' | 'code'>): boolean {
  if (stage === 'authenticate' && code === 'SMTP_SERVER_CLOSING') return false;
  return !sharedStages.has(stage) && !sharedCodes.has(code);
}

/** Where a lane stands when its server could not be reached. */
export interface FailoverFacts {
  readonly endpoint: Endpoint;
  readonly hasAlternate: boolean;
  /** Failures to reach this server in a row, this one counted. */
  readonly reachFailures: number;
  readonly isBothDown: boolean;
}

export type FailoverDecision =
  /** Nothing changes: the same server is tried again after the wait. */
  | { readonly kind: 'stay' }
  /** Mail goes by the alternate from now on, and stays there. */
  | { readonly kind: 'to_alternate' }
  /** Neither answers: the lane waits, and its next probe goes to `next`. `isNew`: nobody knew it before. */
  | { readonly kind: 'both_down'; readonly next: Endpoint; readonly isNew: boolean };

/**
 * What follows for the two servers of a project when one of them could not be reached (PRODUCT 6.1). A refused mail or
 * sign-in never comes here. While both are down they are tried in turn: whichever answers first carries the mail. Pure.
 */
export function decideFailover(
  fault: Pick<Fault, 'stage' | 'code'>,
  { endpoint, hasAlternate, reachFailures, isBothDown }: FailoverFacts,
): FailoverDecision {
  if (!hasAlternate || !isServersOwn(fault)) return { kind: 'stay' };
  const next = endpoint === 'primary' ? 'alternate' : 'primary';
  if (isBothDown) return { kind: 'both_down', next, isNew: false };
  if (!wholeWait.has(fault.code) && reachFailures < failuresInRow) return { kind: 'stay' };
  return endpoint === 'primary' ? { kind: 'to_alternate' } : { kind: 'both_down', next, isNew: true };
}

/** Probes of the primary while mail goes by the alternate, at most so far apart. */
const longestProbeGapMs = 60_000;
const probesInTime = 4;

/**
 * How long until the primary is asked again: often enough that `returnAfterMs` of answers is more than one answer. Null:
 * a person decides, and only wants to know whether it answers.
 */
export function primaryProbeGapMs(returnAfterMs: number | null, random: number): number {
  const gapMs = returnAfterMs === null ? longestProbeGapMs : returnAfterMs / probesInTime;
  return Math.round(Math.min(longestProbeGapMs, gapMs) * (0.9 + 0.2 * random));
}
