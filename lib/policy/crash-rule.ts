import type { UncertainChoice } from '#lib/settings/schemas.ts';

/** PRODUCT 4.8: how often a mail is handed over again although it may have arrived already. */
export const maxRepeats = 2;

/** After so many crashes that a mail was part of, it is set aside for a person. */
export const maxCrashes = 3;

/**
 * One more crash sets it aside, so it starts alone among its like: those that only stood beside the mail which ends
 * workers are sent, and it is found.
 */
export function isNearlySetAside(crashCount: number): boolean {
  return crashCount >= maxCrashes - 1;
}

export interface UncertainFacts {
  /** Uncertain outcomes of this mail so far, this one included. */
  readonly uncertainCount: number;
  /** Workers lost while this mail was started, this time included. */
  readonly crashCount: number;
  readonly choice: UncertainChoice;
}

export type CrashDecision =
  /** Once more with the same Message-ID, marked as a repeat. */
  | { readonly kind: 'repeat'; readonly repeatNumber: number }
  | { readonly kind: 'uncertain'; readonly reason: 'HELD_BY_CHOICE' | SpentReason };

/** Why a mail in doubt is not sent again. */
export type SpentReason = 'REPEATS_SPENT' | 'MAIL_CRASHES_WORKER';

/** What becomes of a mail that may have been handed over. */
export function decideUncertain({ uncertainCount, crashCount, choice }: UncertainFacts): CrashDecision {
  if (choice === 'hold') return { kind: 'uncertain', reason: 'HELD_BY_CHOICE' };
  if (crashCount >= maxCrashes || uncertainCount > maxRepeats) {
    return { kind: 'uncertain', reason: spentReason(crashCount) };
  }
  return { kind: 'repeat', repeatNumber: uncertainCount };
}

export function spentReason(crashCount: number): SpentReason {
  return crashCount >= maxCrashes ? 'MAIL_CRASHES_WORKER' : 'REPEATS_SPENT';
}

export type BrokenDecision =
  | { readonly kind: 'again'; readonly waitMs: number }
  | { readonly kind: 'failed'; readonly reason: 'MAIL_NOT_READY' };

// Long enough for a fault of Mailroom's own to be seen and put right before it fails the mails of a whole day.
const brokenWaitsMs = [5_000, 60_000, 5 * 60_000, 30 * 60_000, 2 * 3_600_000, 6 * 3_600_000];

/**
 * What becomes of a mail that could not be made ready for the `crashCount`th time: it waits longer each time, and
 * fails after the last wait. Nothing of it has left.
 */
export function decideBroken(crashCount: number): BrokenDecision {
  const waitMs = brokenWaitsMs[crashCount - 1];
  return waitMs === undefined ? { kind: 'failed', reason: 'MAIL_NOT_READY' } : { kind: 'again', waitMs };
}
