import { overrideBits, type HoldReason } from './hold-reasons.ts';

/** What the limits of a project have left; null: no limit. */
export interface LimitRoom {
  readonly recipientsPerMail: number | null;
  readonly highLeft: number | null;
  readonly normalLeft: number | null;
}

export interface HoldFacts {
  readonly isHigh: boolean;
  /** Counted at an earlier start: no limit of the day holds it again (PRODUCT 5.4). */
  readonly isCounted: boolean;
  /** Limits that a person let it pass. */
  readonly overrides: number;
  readonly recipientCount: number;
}

/** Whether a mail whose turn has come is held by a limit, and by which. */
export function decideHold(
  mail: HoldFacts,
  room: LimitRoom,
): Extract<HoldReason, 'day_limit' | 'recipients_limit'> | null {
  const mayPass = (bit: number): boolean => (mail.overrides & bit) !== 0;
  const { recipientsPerMail } = room;
  const isTooLarge = recipientsPerMail !== null && mail.recipientCount > recipientsPerMail;
  if (isTooLarge && !mayPass(overrideBits.recipientsLimit)) return 'recipients_limit';
  if (mail.isCounted || mayPass(overrideBits.dayLimit)) return null;
  return isSpent(room, mail.isHigh) ? 'day_limit' : null;
}

/** Whether nothing of the day is left for mail of this priority. */
export function isSpent({ highLeft, normalLeft }: LimitRoom, isHigh: boolean): boolean {
  const left = isHigh ? highLeft : normalLeft;
  return left !== null && left <= 0;
}
