import type { Fault } from './contract.ts';
import type { HttpDialogue } from './http/dialogue.ts';

/**
 * What a transport is handed by whoever builds it: tokens and turns. Both hide where they come from (the vault, the
 * database), because a transport knows neither.
 */

/** Access tokens of one connection. */
export interface TokenSource {
  /**
   * A token that is good for at least a minute. `refused` is the token that the far side has just refused, or null: it
   * is never given again, a new one is fetched once. Resolves always. A request to the token server that this asks for
   * is told to `dialogue`, where somebody reads it (PRODUCT 2.11).
   */
  accessToken(
    refused: string | null,
    signal: AbortSignal,
    dialogue?: HttpDialogue | null,
  ): Promise<TokenAnswer>;
}

export type TokenAnswer =
  | { readonly kind: 'token'; readonly token: string }
  /** Consent, secret or configuration is at fault: the lane stops and people are told. */
  | { readonly kind: 'credentials'; readonly fault: Fault }
  /** The token server cannot be reached or does not answer: goes on by itself. */
  | { readonly kind: 'unreachable'; readonly fault: Fault };

/** Turns at a mailbox that takes few requests at a time, over all workers. */
export interface RequestSlots {
  /**
   * Waits for a turn; null where `signal` ended the wait. Whoever got one gives it back when the request's answer is
   * read or its socket is closed. `deadlineMs` is how long the request may take at most: a turn whose holder died is
   * given to others after that.
   */
  take(deadlineMs: number, signal: AbortSignal): Promise<RequestSlot | null>;
}

export interface RequestSlot {
  giveBack(): void;
}
