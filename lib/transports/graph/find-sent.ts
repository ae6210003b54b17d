import type { FoundMessages } from './answers.ts';
import { readFound } from './answers.ts';
import type { Errand, GraphDesk } from './desk.ts';
import { markerOf } from './marker.ts';

/** Pauses before each look: a copy appears late, and above its own rate Exchange leaves mails in Drafts and Outbox. */
const looksAfterMs = [0, 3000, 10_000, 30_000];

/**
 * Whether a mail is in the mailbox, over all folders, by its Message-ID and by our mark. True: a copy was sent. False:
 * nothing there, or no more than a draft of ours that was never sent. Null: it cannot be told.
 */
export async function findInMailbox(
  desk: GraphDesk,
  messageId: string,
  errand: Errand,
): Promise<boolean | null> {
  let isUnderWay = false;
  for (const pauseMs of looksAfterMs) {
    if (pauseMs > 0) await desk.wait(pauseMs, errand.signal);
    const found = await lookOnce(desk, messageId, errand);
    if (found === null) return null;
    if (found.some(({ isDraft }) => !isDraft)) return true;
    // What sendMail has laid into Drafts or Outbox may leave any moment.
    isUnderWay = found.some((copy) => !isOwnDraft(copy, messageId));
  }
  return isUnderWay ? null : false;
}

async function lookOnce(desk: GraphDesk, messageId: string, errand: Errand): Promise<FoundMessages | null> {
  const byId = await desk.ask(desk.requests.findByMessageId(messageId), errand);
  const found = byId.kind === 'answered' && byId.answer.status === 200 ? readFound(byId.answer) : null;
  if (found === null || found.some(({ isDraft }) => !isDraft)) return found;
  const byMark = await desk.ask(desk.requests.findByMarker(messageId), errand);
  const marked = byMark.kind === 'answered' && byMark.answer.status === 200 ? readFound(byMark.answer) : null;
  return marked === null ? null : [...found, ...marked];
}

function isOwnDraft(copy: FoundMessages[number], messageId: string): boolean {
  const marks = copy.singleValueExtendedProperties ?? [];
  return marks.some(({ value }) => value === markerOf(messageId, 'draft'));
}
