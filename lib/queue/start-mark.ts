import type { Lease } from './lease.ts';

/** The `started` mark of one mail: which attempt, under which lease, by which version of the settings. */
export interface StartMark {
  readonly messageId: string;
  readonly projectId: string;
  readonly attemptId: string;
  readonly settingsVersion: number;
  readonly lease: Lease;
  readonly isHigh: boolean;
  /** It was counted in the limits at an earlier start. */
  readonly isCounted: boolean;
  /** Nothing of it leaves, so it uses no limit (PRODUCT 2.16). */
  readonly isExempt: boolean;
  /** Limits that a person let it pass. */
  readonly overrides: number;
  readonly recipientCount: number;
}

/**
 * Whether the mail may be handed over. `stale_settings`: a newer version was saved, so it is made ready again.
 * `no_room`: the limit of the day is spent. `refused`: cancelled, expired, paused meanwhile, started elsewhere, or the
 * lease is gone.
 */
export type StartAnswer = 'started' | 'stale_settings' | 'no_room' | 'refused';
