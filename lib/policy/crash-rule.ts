/** PRODUCT 4.8: how often a mail is handed over again although it may have arrived already. */
export const maxRepeats = 2;

/** After so many crashes that a mail was part of, it is set aside for a person. */
export const maxCrashes = 3;

export interface UncertainFacts {
  /** Uncertain outcomes of this mail so far, this one included. */
  readonly uncertainCount: number;
  /** Workers lost while this mail was started, this time included. */
  readonly crashCount: number;
  readonly choice: 'resend' | 'hold';
}

export type CrashDecision =
  /** Once more with the same Message-ID, marked as a repeat. */
  | { readonly kind: 'repeat'; readonly repeatNumber: number }
  | {
      readonly kind: 'uncertain';
      readonly reason: 'HELD_BY_CHOICE' | 'REPEATS_SPENT' | 'MAIL_CRASHES_WORKER';
    };

/** What becomes of a mail that may have been handed over. */
export function decideUncertain({ uncertainCount, crashCount, choice }: UncertainFacts): CrashDecision {
  if (choice === 'hold') return { kind: 'uncertain', reason: 'HELD_BY_CHOICE' };
  if (crashCount >= maxCrashes) return { kind: 'uncertain', reason: 'MAIL_CRASHES_WORKER' };
  if (uncertainCount > maxRepeats) return { kind: 'uncertain', reason: 'REPEATS_SPENT' };
  return { kind: 'repeat', repeatNumber: uncertainCount };
}

export type BrokenDecision =
  | { readonly kind: 'again'; readonly waitMs: number }
  | { readonly kind: 'failed'; readonly reason: 'MAIL_CRASHES_WORKER' };

/** What becomes of a mail that cannot be made ready: nothing of it left, so it fails once it is set aside. */
export function decideBroken(crashCount: number): BrokenDecision {
  if (crashCount >= maxCrashes) return { kind: 'failed', reason: 'MAIL_CRASHES_WORKER' };
  return { kind: 'again', waitMs: 5000 * crashCount };
}
