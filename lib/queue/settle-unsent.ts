import { newId } from '#lib/ids.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { DrainHost } from './drain-host.ts';
import type { Lease } from './lease.ts';
import type { Settlement } from './settlement.ts';

/** Settles a claimed mail that was never started by these settings: no server has heard of it. */
export async function settleUnsent(
  host: DrainHost,
  lease: Lease,
  unsent: { readonly mail: ClaimedMail; readonly version: number } & Pick<
    Settlement,
    'outcome' | 'decision' | 'crashCount'
  >,
): Promise<void> {
  const { mail, version, outcome, decision, crashCount } = unsent;
  const at = host.clock.now();
  await host.settles.settle({
    messageId: mail.messageId,
    organizationId: mail.organizationId,
    projectId: mail.projectId,
    attemptId: newId(),
    isMarked: false,
    workerId: lease.workerId,
    settingsVersion: version,
    endpoint: null,
    startedAt: at,
    endedAt: at,
    number: mail.attemptCount + 1,
    isRepeat: false,
    outcome,
    decision,
    crashCount,
    transcript: null,
  });
}
