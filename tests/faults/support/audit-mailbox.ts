import type { Arrival } from './mailbox.ts';

/** A mail as the database has it when a fault is over. */
export interface KeptMail {
  readonly id: string;
  readonly messageId: string;
  readonly state: string;
  readonly reason: string | null;
  readonly recipients: readonly { readonly address: string; readonly state: string }[];
  readonly attempts: readonly { readonly outcome: string; readonly repeat: boolean }[];
}

export interface MailboxAudit {
  /** Mails whose acceptance was answered. */
  readonly accepted: number;
  /** Different mails that arrived. */
  readonly delivered: number;
  /** Copies beyond the first, of mails with an attempt marked as a repeat for each. */
  readonly repeatedMarked: number;
  /** Copies that nothing explains. */
  readonly repeatedUnmarked: number;
  /** What was accepted and neither arrived nor stands anywhere with its reason. */
  readonly lost: number;
  /** Still on their way: in the queue, retrying or sending. */
  readonly waiting: number;
  /** Mails for a person, or at their end without having been sent, by state. */
  readonly others: Readonly<Record<string, number>>;
  /** The first few mails that are lost or came once too often, in words. */
  readonly findings: readonly string[];
}

const unfinished = new Set(['queued', 'sending', 'retrying']);

/**
 * Holds what was accepted against what arrived. A copy more than one is explained only where an earlier attempt of that
 * mail had no certain outcome and the later one is marked as a repeat (PRODUCT 4.8).
 */
export function auditMailbox(
  accepted: readonly string[],
  kept: readonly KeptMail[],
  delivered: readonly Arrival[],
): MailboxAudit {
  const findings: string[] = [];
  const known = new Map(kept.map((mail) => [mail.id, mail]));
  const byMessageId = new Map(kept.map((mail) => [mail.messageId, mail]));
  const copies = countCopies(delivered);
  const others: Record<string, number> = {};
  let lost = 0;
  let waiting = 0;
  for (const id of accepted) {
    const mail = known.get(id);
    const missing = mail === undefined ? 'has no row' : missingPart(mail, copies);
    if (missing !== null) {
      lost += 1;
      findings.push(`lost: ${mail?.messageId ?? id} ${missing}`);
    }
    if (mail === undefined) continue;
    if (unfinished.has(mail.state)) waiting += 1;
    else if (mail.state !== 'sent') others[mail.state] = (others[mail.state] ?? 0) + 1;
  }
  let repeatedMarked = 0;
  let repeatedUnmarked = 0;
  for (const [messageId, times] of copies) {
    const extra = Math.max(...times.values()) - 1;
    const mail = byMessageId.get(messageId);
    if (mail !== undefined && extra === 0) continue;
    if (mail !== undefined && isExplained(mail, extra)) repeatedMarked += extra;
    else {
      repeatedUnmarked += Math.max(extra, 1);
      findings.push(
        `unexplained: ${messageId} came ${extra + 1} times, ${JSON.stringify(mail?.attempts ?? 'no such mail')}`,
      );
    }
  }
  return {
    accepted: accepted.length,
    delivered: copies.size,
    repeatedMarked,
    repeatedUnmarked,
    lost,
    waiting,
    others,
    findings: findings.slice(0, 5),
  };
}

/** How often each mail reached each of its recipients; under '' where the server keeps no recipients. */
function countCopies(delivered: readonly Arrival[]): Map<string, Map<string, number>> {
  const copies = new Map<string, Map<string, number>>();
  for (const { messageId, to } of delivered) {
    const times = copies.get(messageId) ?? new Map<string, number>();
    for (const address of to ?? ['']) times.set(address, (times.get(address) ?? 0) + 1);
    copies.set(messageId, times);
  }
  return copies;
}

/** What of a mail should have arrived and did not; null: nothing is missing. */
function missingPart(
  mail: KeptMail,
  copies: ReadonlyMap<string, ReadonlyMap<string, number>>,
): string | null {
  const times = copies.get(mail.messageId);
  const taken = mail.recipients.filter(({ state }) => state === 'accepted');
  if (mail.state === 'sent' && taken.length === 0) return 'is sent to nobody';
  const gone = taken.filter(({ address }) => times?.has('') !== true && times?.has(address) !== true);
  return gone.length === 0
    ? null
    : `is ${mail.state} and never reached ${gone.map(({ address }) => address).join(', ')}`;
}

function isExplained({ attempts }: KeptMail, extra: number): boolean {
  const repeats = attempts.filter(({ repeat }) => repeat).length;
  const doubts = attempts.filter(({ outcome }) => outcome === 'uncertain').length;
  return repeats >= extra && doubts > 0;
}
