/** What decides whether held mails of a project go out by themselves now (PRODUCT 5.6). */
export interface ReleaseFacts {
  /** The box is ticked, by the project or by the organization's default. */
  readonly isOn: boolean;
  /** Null: blank, so that any room is used. */
  readonly threshold: number | null;
  /** Mails of the project that a limit of the day holds. */
  readonly pending: number;
  /** The project's part of what is left, without what is already due; null: no limit. */
  readonly room: number | null;
  /** A limit was raised or removed, and nobody has looked at these mails since. */
  readonly isRaiseOpen: boolean;
  /** Archived, paused, stopped or not set up: what is released would not go. */
  readonly isHalted: boolean;
}

export type ReleaseBlock = 'nothing_pending' | 'off' | 'halted' | 'threshold' | 'no_room';

export type Release =
  | { readonly kind: 'none'; readonly why: ReleaseBlock }
  | { readonly kind: 'release'; readonly count: number; readonly why: 'raise' | 'below_threshold' | 'room' };

/** How many of the pending mails are released now, oldest first, and why. Pure. */
export function decideRelease(facts: ReleaseFacts): Release {
  const block = mayRelease(facts);
  if (block !== null) return { kind: 'none', why: block };
  const count = Math.max(0, Math.min(facts.room ?? facts.pending, facts.pending));
  if (count === 0) return { kind: 'none', why: 'no_room' };
  if (facts.isRaiseOpen) return { kind: 'release', count, why: 'raise' };
  return { kind: 'release', count, why: facts.threshold === null ? 'room' : 'below_threshold' };
}

/** Why nothing may be released whatever the room; null where it may. Pure. */
export function mayRelease(facts: Omit<ReleaseFacts, 'room'>): Exclude<ReleaseBlock, 'no_room'> | null {
  const { isOn, threshold, pending, isRaiseOpen, isHalted } = facts;
  if (pending === 0) return 'nothing_pending';
  if (!isOn) return 'off';
  if (isHalted) return 'halted';
  // So that a flood is not let loose at midnight; a raise is a person's word that it may go.
  if (threshold !== null && pending >= threshold && !isRaiseOpen) return 'threshold';
  return null;
}
