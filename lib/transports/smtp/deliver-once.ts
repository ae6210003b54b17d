import type { OutgoingMail, SendOutcome } from '../contract.ts';
import { openSession, prepareSessionSettings } from './open-session.ts';
import { sendOnSession } from './send-mail.ts';
import type { SetupObserver } from './session-watch.ts';
import type { SmtpTransportOptions } from './settings.ts';

/** Hands over one mail on a connection of its own, with everything told to the observer. */
export async function deliverOnce(
  options: SmtpTransportOptions,
  mail: OutgoingMail,
  observer: SetupObserver,
  signal: AbortSignal,
): Promise<SendOutcome> {
  const opened = await openSession(prepareSessionSettings(options), signal, observer);
  if (!opened.ok) return opened.outcome;
  const { session } = opened;
  const { outcome } = await sendOnSession(session, mail, () => mail.mayStart(), signal);
  session.quit();
  return outcome;
}
