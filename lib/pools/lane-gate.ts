import type { AskedMail } from '#lib/policy/pace.ts';

/** A lane whose mails draw from a pool; pumped when it may ask again. */
export interface GateUser {
  readonly lease: { readonly laneId: string; readonly workerId: string };
  /** What of its mails in hand would leave next through the pool, in order. */
  upcoming(poolId: string): readonly AskedMail[];
  pump(): void;
}

/** What a pool says to the next mail of a lane. */
export type GateAnswer =
  /** It may start now; `release` when its send has ended. */
  | { readonly kind: 'go'; readonly release: () => void }
  /** Not yet: the lane is pumped when it may ask again. */
  | { readonly kind: 'wait' }
  /** The day's quota has no room for it, `left` being what it still has: it is to be held. */
  | { readonly kind: 'spent'; readonly left: number };

/** Lets mails through at the pace of their pool (PRODUCT 5.9). */
export interface LaneGate {
  allow(user: GateUser, poolId: string, projectId: string): GateAnswer;
  /** The lane is given up: what it did not use goes back. */
  leave(user: GateUser): void;
}
