import { overrideBits } from '#lib/policy/hold-reasons.ts';
import type { AskedMail } from '#lib/policy/pace.ts';
import type { GateUser, LaneGate } from '#lib/pools/lane-gate.ts';
import { PaceMeter } from '#lib/pools/pace-meter.ts';
import type { Clock } from '#lib/clock.ts';
import type { MailAttempt } from './mail-attempt.ts';
import type { MailSupply } from './mail-supply.ts';

/** Which of the mails in hand is next, and what its pool says to it. */
export type NextMail =
  | { readonly kind: 'go'; readonly attempt: MailAttempt; readonly release: () => void }
  /** All wait for their pools. */
  | { readonly kind: 'wait' }
  /** The day's quota has no room for this one. */
  | { readonly kind: 'spent'; readonly attempt: MailAttempt; readonly left: number };

const nothing = (): void => undefined;

/** The mails in hand of one lane, let go at the pace of their projects' pools. Without a pool nothing is asked. */
export class PacedLine {
  readonly #gate: LaneGate;
  readonly #supply: MailSupply;
  readonly #user: GateUser;
  readonly #meter: PaceMeter;

  constructor(gate: LaneGate, supply: MailSupply, user: GateUser, clock: Clock) {
    this.#gate = gate;
    this.#supply = supply;
    this.#user = user;
    this.#meter = new PaceMeter(clock);
  }

  /** The first mail that may start; mails of another pool, or of none, pass by those that wait. */
  next(ready: readonly MailAttempt[]): NextMail {
    const waiting: string[] = [];
    for (const attempt of ready) {
      const poolId = this.#poolOf(attempt);
      if (poolId === null) return { kind: 'go', attempt, release: nothing };
      if (waiting.includes(poolId)) continue;
      const answer = this.#gate.allow(this.#user, poolId, attempt.mail.projectId);
      if (answer.kind === 'go') this.#meter.note();
      if (answer.kind !== 'wait') return { ...answer, attempt };
      waiting.push(poolId);
    }
    return { kind: 'wait' };
  }

  /** Sizes of the mails that this pool is to let go, in their order. */
  upcoming(ready: readonly MailAttempt[], poolId: string): readonly AskedMail[] {
    return ready
      .filter((attempt) => this.#poolOf(attempt) === poolId)
      .map(({ mail, prepared }) => ({
        recipients: prepared.departure.leaving.length,
        bytes: mail.sizeBytes,
        passesQuota: (mail.overrides & overrideBits.quota) !== 0,
      }));
  }

  /** How many mails to claim, and to have in hand, at most: a paced lane takes none before others that it soon needs. */
  most(unpaced: number): number {
    return this.#supply.isPooled ? Math.min(unpaced, this.#meter.handful) : unpaced;
  }

  /** What never leaves meets no rate. */
  #poolOf({ mail, prepared }: MailAttempt): string | null {
    return prepared.outgoing === null ? null : this.#supply.poolOf(mail.projectId);
  }
}
