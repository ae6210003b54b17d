import { askReading } from './ask-reading.ts';
import type { EwsDesk } from './desk.ts';
import { findItemRequest, messagesNamespace } from './requests.ts';
import { defaultLookUpPausesMs } from './settings.ts';
import { findElement, type XmlElement } from './xml.ts';

/**
 * Whether a mail lies in Sent Items or is on its way out of the mailbox, looked for several times because it is not
 * seen there at once. Null where the last look got no answer, which says nothing.
 */
export async function findSent(
  desk: EwsDesk,
  messageId: string,
  signal: AbortSignal,
): Promise<boolean | null> {
  const pause = desk.options.pause ?? waitFor;
  let isFound: boolean | null = null;
  for (const pauseMs of desk.options.lookUpPausesMs ?? defaultLookUpPausesMs) {
    if (pauseMs > 0) await pause(pauseMs, signal);
    if (signal.aborted) return null;
    isFound = await look(desk, messageId, signal);
    if (isFound === true) return true;
  }
  return isFound;
}

async function look(desk: EwsDesk, messageId: string, signal: AbortSignal): Promise<boolean | null> {
  const asked = await askReading(desk, findItemRequest(desk.options, messageId), { signal });
  if (asked.kind === 'ended' || asked.judged.kind === 'refused') return null;
  return foundItems(asked.judged.body) > 0;
}

/** The matches in Sent Items, and in the outbox where the sign-in may look into it. */
function foundItems(body: XmlElement): number {
  const messages = findElement(body, messagesNamespace, 'ResponseMessages')?.children ?? [];
  return messages
    .map((message) =>
      findElement(message, messagesNamespace, 'RootFolder')?.attributes.get('TotalItemsInView'),
    )
    .reduce((sum, count) => sum + (/^\d{1,9}$/.test(count ?? '') ? Number(count) : 0), 0);
}

function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, milliseconds);
    signal.addEventListener('abort', finish, { once: true });
    if (signal.aborted) finish();
  });
}
