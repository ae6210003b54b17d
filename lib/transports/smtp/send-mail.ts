import type { Clock } from '#lib/clock.ts';
import type { OutgoingMail, SendOutcome } from '../contract.ts';
import { refusedOutcome } from '../outcome.ts';
import { Transcript } from '../transcript.ts';
import { judgeTransfer, ofMail } from './judge-transfer.ts';
import { planEnvelope, refusalReply, type EnvelopePlan } from './plan-envelope.ts';
import type { SessionPool, SessionWish } from './pool.ts';
import type { SmtpSession, Transfer } from './session.ts';

/** What sending through a pool needs. */
export interface SendDesk {
  readonly pool: SessionPool;
  readonly clock: Clock;
  readonly secretForms: readonly string[];
}

/** Hands one mail over through the pool; once more on a fresh connection when a resting one turned out dead. */
export async function sendMail(
  desk: SendDesk,
  mail: OutgoingMail,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const mayStart = onlyOnce(mail);
  const { pool, clock } = desk;
  const isKept = mail.keepDialogue !== undefined;
  const transcript = isKept ? new Transcript(() => clock.monotonicMs(), desk.secretForms) : null;
  const first = await sendOnce(pool, mail, mayStart, { signal, wantsFresh: false, transcript });
  const outcome = first ?? (await sendOnce(pool, mail, mayStart, { signal, wantsFresh: true, transcript }));
  if (transcript !== null) mail.keepDialogue?.(transcript.lines());
  return outcome ?? { kind: 'withheld' };
}

/** Null when a connection that had rested was found dead before anything of this mail was taken. */
async function sendOnce(
  pool: SessionPool,
  mail: OutgoingMail,
  mayStart: () => Promise<boolean>,
  wish: SessionWish,
): Promise<SendOutcome | null> {
  const acquired = await pool.acquire(wish);
  if (!acquired.ok) return acquired.outcome;
  const { session, isReused } = acquired;
  if (wish.transcript !== null && isReused) {
    session.listen(wish.transcript);
    wish.transcript.add('note', `On a connection that has carried ${session.mailCount} mails before`);
  }
  const { outcome, transfer } = await sendOnSession(session, mail, mayStart, wish.signal);
  if (wish.transcript !== null) session.listen(null);
  giveBack(pool, session, transfer);
  return isReused && wasDeadBefore(transfer) ? null : outcome;
}

/** Hands one mail over on a session that is ready. `transfer` is null when nothing had to be said for the outcome. */
export async function sendOnSession(
  session: SmtpSession,
  mail: OutgoingMail,
  mayStart: () => Promise<boolean>,
  signal: AbortSignal,
): Promise<{ readonly outcome: SendOutcome; readonly transfer: Transfer | null }> {
  const plan = planEnvelope(mail.envelope, session.capabilities.smtpUtf8);
  const impossible = refuseBeforehand(plan, mail, session);
  if (impossible !== null) return { outcome: impossible, transfer: null };
  const envelope = { from: plan.from ?? '', to: [...plan.recipients.keys()] };
  const transfer = await session.transfer(mail, envelope, mayStart(), signal);
  return { outcome: judgeTransfer(transfer, plan, session.secretForms), transfer };
}

/** What this server surely refuses is not tried: no unit of its patience is spent on it. */
function refuseBeforehand(plan: EnvelopePlan, mail: OutgoingMail, session: SmtpSession): SendOutcome | null {
  const limit = session.capabilities.maxSizeBytes;
  if (limit !== null && mail.sizeBytes > limit) {
    return refusedOutcome(ofMail('permanent', 'SMTP_TOO_LARGE', refusalReply('SMTP_TOO_LARGE')));
  }
  if (plan.senderCode !== null) {
    return {
      kind: 'permanent',
      fault: {
        stage: 'sender',
        scope: 'sender',
        code: plan.senderCode,
        reply: refusalReply(plan.senderCode),
      },
      perRecipient: [],
    };
  }
  if (plan.recipients.size > 0) return null;
  const [refused] = plan.refused;
  return {
    kind: 'permanent',
    fault: {
      stage: 'recipient',
      scope: 'recipient',
      code: refused?.kind === 'permanent' ? refused.code : 'SMTP_ADDRESS_INVALID',
      reply: refused?.reply ?? null,
    },
    perRecipient: plan.refused,
  };
}

function giveBack(pool: SessionPool, session: SmtpSession, transfer: Transfer | null): void {
  if (transfer === null || transfer.kind === 'answered') return pool.release(session, true);
  if (!isPlainRefusal(transfer) || !session.wire.isAlive) return pool.release(session, false);
  // The refused transaction is still open on the server: end it before the next mail.
  void session.reset().then((isFit) => pool.release(session, isFit));
}

/** Any other answer, 503 (bad sequence) too, leaves open which answer belongs to which command. */
function isPlainRefusal(transfer: Transfer): boolean {
  if (transfer.kind !== 'failed' || transfer.failure.cause !== 'refused') return false;
  const code = transfer.failure.error.responseCode ?? 0;
  return code >= 400 && code !== 503;
}

/** Servers close resting connections without a word or with 421: that is not this mail's trouble. */
function wasDeadBefore(transfer: Transfer | null): boolean {
  if (transfer?.kind !== 'failed' || transfer.reached !== 'envelope') return false;
  const { failure } = transfer;
  if (failure.cause === 'lost') return true;
  return (
    failure.cause === 'refused' && failure.error.responseCode === 421 && failure.error.command === 'MAIL FROM'
  );
}

/** The mark is asked for once, whichever connection carries the mail; asking that fails is a no. */
function onlyOnce(mail: OutgoingMail): () => Promise<boolean> {
  let asked: Promise<boolean> | null = null;
  const ask = async (): Promise<boolean> => {
    try {
      return await mail.mayStart();
    } catch {
      return false;
    }
  };
  return () => (asked ??= ask());
}
