import type { WaitingReason } from './labels.ts';

/** The columns that decide why a queued message of the project does not start. */
export interface WaitingFacts {
  readonly project: { readonly settingsVersion: number | null; readonly pausedAt: Date | null };
  readonly lane: { readonly stoppedAt: Date | null; readonly waitUntil: Date | null };
  readonly sendAt: Date | null;
  readonly now: Date;
}

/** Why a queued message does not start yet; null when it only waits for its turn, or for its pool. Pure. */
export function waitingReason(facts: WaitingFacts): Exclude<WaitingReason, 'paced'> | null {
  if (facts.project.settingsVersion === null) return 'not_set_up';
  if (facts.project.pausedAt !== null) return 'paused';
  if (facts.lane.stoppedAt !== null) return 'stopped';
  if (facts.lane.waitUntil !== null && facts.lane.waitUntil > facts.now) return 'waiting';
  if (facts.sendAt !== null && facts.sendAt > facts.now) return 'send_at';
  return null;
}
