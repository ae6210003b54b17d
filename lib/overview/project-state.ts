import type { ConnectionState } from '../connections/connection-health.ts';

/** A project's state at a glance, worst first; the word and colour of each is the screen's. */
export const projectStates = [
  'stopped',
  'consent_missing',
  'at_limit',
  'unreachable',
  'throttled',
  'on_alternate',
  'proof_fails',
  'ends_soon',
  'paused',
  'sending',
  'idle',
  'not_set_up',
  'archived',
] as const;
export type ProjectState = (typeof projectStates)[number];

export interface ProjectStateFacts {
  readonly isArchived: boolean;
  readonly isPaused: boolean;
  readonly isSetUp: boolean;
  readonly isStopped: boolean;
  readonly waitKind: 'unreachable' | 'throttled' | null;
  readonly waitUntil: Date | null;
  /** A daily limit that its mail meets is spent. */
  readonly isAtLimit: boolean;
  readonly isOnAlternate: boolean;
  readonly isBothDown: boolean;
  /** What the last proof, the consent and the ends of credentials say. */
  readonly connection: ConnectionState;
  readonly waiting: number;
  /** Mails that got an outcome in the running or the last hour. */
  readonly recentOutcomes: number;
}

/** One state for each project: what a person must know first. A wait that is over holds nothing. */
export function decideProjectState(now: Date, facts: ProjectStateFacts): ProjectState {
  if (facts.isArchived) return 'archived';
  if (!facts.isSetUp) return 'not_set_up';
  if (facts.isStopped) return 'stopped';
  if (facts.isPaused) return 'paused';
  if (facts.connection === 'consent_missing') return 'consent_missing';
  if (facts.isAtLimit) return 'at_limit';
  const isWaiting = facts.waitUntil !== null && facts.waitUntil > now;
  if (isWaiting && facts.waitKind !== null) return facts.waitKind;
  if (facts.isBothDown) return 'unreachable';
  if (facts.isOnAlternate) return 'on_alternate';
  if (facts.connection === 'fails') return 'proof_fails';
  if (facts.connection === 'ends_soon') return 'ends_soon';
  return facts.waiting > 0 || facts.recentOutcomes > 0 ? 'sending' : 'idle';
}

/** Sorts by trouble, then by what waits, then by name. */
export function compareByTrouble(
  a: { readonly state: ProjectState; readonly waiting: number; readonly name: string },
  b: { readonly state: ProjectState; readonly waiting: number; readonly name: string },
): number {
  const byState = projectStates.indexOf(a.state) - projectStates.indexOf(b.state);
  return byState || b.waiting - a.waiting || a.name.localeCompare(b.name);
}
