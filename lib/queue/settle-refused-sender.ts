import type { ClaimedMail } from './claimed-mail.ts';
import type { DrainHost } from './drain-host.ts';
import type { Lease } from './lease.ts';
import { settleUnsent } from './settle-unsent.ts';

const code = 'SENDER_NOT_ALLOWED';

/**
 * Ends a mail whose From the settings of this moment do not let leave (PRODUCT 2.17): no server hears of it. Where a copy
 * may have left by earlier settings nobody can say that it failed, so a person decides.
 */
export async function settleRefusedSender(
  host: DrainHost,
  lease: Lease,
  {
    mail,
    version,
    address,
  }: { readonly mail: ClaimedMail; readonly version: number; readonly address: string },
): Promise<void> {
  const isUncertain = mail.uncertainCount > 0;
  const reply = { code: null, enhancedCode: null, text: `${address} is not among the allowed senders.` };
  await settleUnsent(host, lease, {
    mail,
    version,
    outcome: {
      kind: 'permanent',
      fault: { stage: 'sender', scope: 'sender', code, reply },
      perRecipient: [],
    },
    decision: {
      message: { kind: 'finished', state: isUncertain ? 'uncertain' : endOf(mail) },
      reason: isUncertain || endOf(mail) === 'failed' ? code : null,
      costsTry: false,
      waitedMs: mail.waitedMs,
      uncertainCount: mail.uncertainCount,
      recipients: isUncertain
        ? []
        : mail.pending.map(({ position }) => ({ position, state: 'refused', code, reply: reply.text })),
      lane: { kind: 'none' },
    },
    crashCount: mail.crashCount,
  });
}

/** Some recipients may have got it by earlier settings (PRODUCT 4.3). */
function endOf({ acceptedCount, capturedCount }: ClaimedMail): 'sent' | 'captured' | 'failed' {
  if (acceptedCount > 0) return 'sent';
  return capturedCount > 0 ? 'captured' : 'failed';
}
