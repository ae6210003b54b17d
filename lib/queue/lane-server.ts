import type { LaneEffect } from '#lib/policy/decide-outcome.ts';
import { serverNames } from '#lib/settings/connection-facts.ts';
import type { DrainHost } from './drain-host.ts';
import { applyEffect, clearWait, type LaneReport } from './lane-effects.ts';
import type { LaneRamp } from './lane-ramp.ts';
import type { Lease } from './lease.ts';
import type { MailAttempt } from './mail-attempt.ts';

type Hold = Extract<LaneEffect, { kind: 'stop' | 'wait' }>;

/** What the mails of one drain have met at the lane's server, told to the ramp and written to the lane. */
export class LaneServer {
  readonly #host: DrainHost;
  readonly #lease: Lease;
  readonly #ramp: LaneRamp;

  constructor(host: DrainHost, lease: Lease, ramp: LaneRamp) {
    this.#host = host;
    this.#lease = lease;
    this.#ramp = ramp;
  }

  /** It answered about this mail: a wait of the lane is over. */
  async noteReached(attempt: MailAttempt): Promise<void> {
    if (this.#ramp.noteReached(attempt.opened)) await clearWait(this.#host, this.#reportOf(attempt));
  }

  /** Whether a server that could not be reached only takes no more connections; the ramp then asks for fewer. */
  isOnlyCrowded(effect: Hold, inFlight: number): boolean {
    const isUnreachable = effect.kind === 'wait' && effect.waitKind === 'unreachable';
    return isUnreachable && this.#ramp.isOnlyCrowded(inFlight);
  }

  /** The lane stops, waits, or goes to its other server. */
  note(attempt: MailAttempt, effect: Hold): Promise<void> {
    return applyEffect(this.#host, this.#reportOf(attempt), effect);
  }

  #reportOf({ mail, opened }: MailAttempt): LaneReport {
    const { version, endpoint, document } = opened;
    return {
      lease: this.#lease,
      organizationId: mail.organizationId,
      projectId: mail.projectId,
      settingsVersion: version,
      endpoint,
      servers: serverNames(document),
      random: this.#host.random(),
    };
  }
}
