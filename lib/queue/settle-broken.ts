import { decideBroken } from '#lib/policy/crash-rule.ts';
import type { ClaimedMail } from './claimed-mail.ts';
import type { DrainHost } from './drain-host.ts';
import type { Lease } from './lease.ts';
import { settleUnsent } from './settle-unsent.ts';

/**
 * Sets a mail aside that cannot be made ready, or lets it try again a little later. Nothing of it has left, so after
 * the last of its waits it has failed for sure.
 */
export async function settleBroken(
  host: DrainHost,
  lease: Lease,
  { mail, version }: { readonly mail: ClaimedMail; readonly version: number },
): Promise<void> {
  const crashCount = mail.crashCount + 1;
  const broken = decideBroken(crashCount);
  await settleUnsent(host, lease, {
    mail,
    version,
    outcome: { kind: 'withheld' },
    decision: {
      message:
        broken.kind === 'failed'
          ? { kind: 'finished', state: 'failed' }
          : { kind: 'again', state: 'retrying', waitMs: broken.waitMs },
      reason: broken.kind === 'failed' ? broken.reason : 'MAIL_NOT_READY',
      costsTry: false,
      waitedMs: mail.waitedMs,
      uncertainCount: mail.uncertainCount,
      recipients:
        broken.kind === 'failed'
          ? mail.pending.map(({ position }) => ({
              position,
              state: 'refused',
              code: broken.reason,
              reply: null,
            }))
          : [],
      lane: { kind: 'none' },
    },
    crashCount,
  });
}
