import type { MailChange, OutgoingMail, SendOutcome } from '../contract.ts';
import { errorNames, readDraft } from './answers.ts';
import { attachPart } from './attach-part.ts';
import type { Asked, Errand, GraphDesk } from './desk.ts';
import { findInMailbox } from './find-sent.ts';
import { acceptedOutcome, judge, ownFault } from './judge.ts';
import { largeMails } from './large-mails.ts';
import { inBase64, readGraphMime, StartedContent, type GraphMime } from './mail-content.ts';
import { partMime, type PartApart } from './mime-parts.ts';
import { maxMimeBytes } from './settings.ts';

/** Pauses between looks at a draft whose sending was in doubt: its copy in Sent Items appears late. */
const looksAfterMs = [0, 2000, 5000, 10_000];

interface DraftContent extends GraphMime {
  readonly parts: readonly PartApart[];
  /** Too large even without its attachments. */
  readonly isTooLarge: boolean;
}

/**
 * A draft with an immutable id, its large attachments, then the request that sends it. The id is stored before: it stays
 * the same in Sent Items, so a doubt is cleared by looking at it (PRODUCT 4.8).
 */
export async function sendByDraft(
  desk: GraphDesk,
  mail: OutgoingMail,
  errand: Errand,
  isLarge: boolean,
): Promise<SendOutcome> {
  const known = mail.draft?.id ?? null;
  if (known !== null) return resumeDraft(desk, mail, errand, known);
  if (!isLarge) return makeAndSend(desk, mail, errand);
  const outcome = await largeMails.within(mail.sizeBytes, errand.signal, () =>
    makeAndSend(desk, mail, errand),
  );
  return outcome ?? { kind: 'withheld' };
}

async function makeAndSend(desk: GraphDesk, mail: OutgoingMail, errand: Errand): Promise<SendOutcome> {
  if (errand.signal.aborted) return { kind: 'withheld' };
  const content = new StartedContent(mail, () => readForDraft(mail), inBase64);
  const gates = {
    mayStart: async () => (await content.mayStart()) && content.made?.isTooLarge !== true,
  };
  const asked = await desk.ask(desk.requests.createDraft(), errand, { content: content.body, gates });
  const made = content.made;
  if (made?.isTooLarge === true) return textTooLarge;
  const draftId =
    asked.kind === 'answered' && asked.answer.status === 201 ? readDraft(asked.answer)?.id : null;
  if (draftId === null || draftId === undefined || made === null) {
    return judge(asked, 'prepare', desk.clock.now());
  }
  const refusal = await fillAndKeep(desk, mail, errand, { draftId, parts: made.parts });
  if (refusal !== null) {
    await removeDraft(desk, draftId, errand);
    return refusal;
  }
  return sendDraft(desk, mail, errand, { draftId, changes: [...made.changes, ...made.parts.map(asChange)] });
}

/** Null when the draft is whole and its id is stored. */
async function fillAndKeep(
  desk: GraphDesk,
  mail: OutgoingMail,
  errand: Errand,
  { draftId, parts }: { readonly draftId: string; readonly parts: readonly PartApart[] },
): Promise<SendOutcome | null> {
  for (const part of parts) {
    const refusal = await attachPart(desk, draftId, part, errand);
    if (refusal !== null) return refusal;
  }
  try {
    await mail.draft?.keep(draftId);
    return null;
  } catch {
    return { kind: 'withheld' };
  }
}

async function resumeDraft(
  desk: GraphDesk,
  mail: OutgoingMail,
  errand: Errand,
  draftId: string,
): Promise<SendOutcome> {
  const seen = await lookAtDraft(desk, draftId, errand, [0]);
  switch (seen) {
    case 'sent':
      return acceptedOutcome(mail.envelope.to, null, { serverId: draftId, changes: [] });
    case 'draft': {
      if (!(await startsQuietly(mail))) return { kind: 'withheld' };
      return sendDraft(desk, mail, errand, { draftId, changes: [] });
    }
    case 'gone':
      return lookElsewhere(desk, mail, errand, draftId);
    default:
      return judge(seen, 'prepare', desk.clock.now());
  }
}

async function startsQuietly(mail: OutgoingMail): Promise<boolean> {
  try {
    return await mail.mayStart();
  } catch {
    return false;
  }
}

interface ReadyDraft {
  readonly draftId: string;
  readonly changes: readonly MailChange[];
}

async function sendDraft(
  desk: GraphDesk,
  mail: OutgoingMail,
  errand: Errand,
  { draftId, changes }: ReadyDraft,
): Promise<SendOutcome> {
  const gates = { mayFinish: () => mail.mayFinish() };
  const asked = await desk.ask(desk.requests.sendDraft(draftId), errand, { gates });
  if (asked.kind === 'answered' && asked.answer.status === 202) {
    return acceptedOutcome(mail.envelope.to, asked.answer, { serverId: draftId, changes });
  }
  if (asked.kind === 'answered' && isMissing(asked)) return lookElsewhere(desk, mail, errand, draftId);
  const outcome = judge(asked, 'send', desk.clock.now());
  if (outcome.kind === 'permanent') {
    // An earlier try may have sent it: what is no draft any more is refused too.
    if ((await lookAtDraft(desk, draftId, errand, [0])) === 'sent') {
      return acceptedOutcome(mail.envelope.to, null, { serverId: draftId, changes });
    }
    await removeDraft(desk, draftId, errand);
  }
  if (outcome.kind !== 'uncertain' || errand.signal.aborted) return outcome;
  const seen = await lookAtDraft(desk, draftId, errand, looksAfterMs);
  if (seen === 'sent') return acceptedOutcome(mail.envelope.to, null, { serverId: draftId, changes });
  if (seen !== 'draft' || mail.draft === undefined) return outcome;
  const text = `The draft was still not sent after the answer "${outcome.fault.reply?.text ?? outcome.fault.code}"`;
  return { kind: 'temporary', fault: ownFault('GRAPH_DRAFT_NOT_SENT', 'mail', text), perRecipient: [] };
}

/** A draft that is gone was sent and moved out of sight, or deleted by somebody. */
async function lookElsewhere(
  desk: GraphDesk,
  mail: OutgoingMail,
  errand: Errand,
  draftId: string,
): Promise<SendOutcome> {
  const found = await findInMailbox(desk, mail.messageId, errand);
  if (found === true) return acceptedOutcome(mail.envelope.to, null, { serverId: draftId, changes: [] });
  if (errand.signal.aborted) return { kind: 'withheld' };
  // Looked for everywhere in vain: what follows is the rule of any mail in doubt, and a try of its own.
  if (found === false) await mail.draft?.keep(null).catch(() => undefined);
  const text = 'The draft of this mail is gone from the mailbox, and no sent copy was found';
  return { kind: 'uncertain', fault: ownFault('GRAPH_DRAFT_GONE', 'mail', text) };
}

type Seen = 'sent' | 'draft' | 'gone' | Asked;

/** What became of a draft: looked at until it is seen as sent, or the pauses are used up. */
async function lookAtDraft(
  desk: GraphDesk,
  draftId: string,
  errand: Errand,
  pausesMs: readonly number[],
): Promise<Seen> {
  let seen: Seen = 'gone';
  for (const pauseMs of pausesMs) {
    if (pauseMs > 0) await desk.wait(pauseMs, errand.signal);
    const asked = await desk.ask(desk.requests.lookAtDraft(draftId), errand);
    if (asked.kind !== 'answered') return asked;
    const facts = asked.answer.status === 200 ? readDraft(asked.answer) : null;
    if (facts?.isDraft === false) return 'sent';
    if (facts?.isDraft === true) seen = 'draft';
    else if (isMissing(asked)) seen = 'gone';
    else return asked;
  }
  return seen;
}

function isMissing(asked: Extract<Asked, { kind: 'answered' }>): boolean {
  return asked.answer.status === 404 && errorNames(asked.answer).includes('ErrorItemNotFound');
}

/** Tidies up; a draft that stays behind does no harm, so nobody hears of a failure. */
async function removeDraft(desk: GraphDesk, draftId: string, errand: Errand): Promise<void> {
  await desk.ask(desk.requests.deleteDraft(draftId), errand);
}

async function readForDraft(mail: OutgoingMail): Promise<DraftContent> {
  const whole = await readGraphMime(mail, 'draft');
  if (whole.mime.length <= maxMimeBytes) return { ...whole, parts: [], isTooLarge: false };
  const parted = await partMime(whole.mime, maxMimeBytes);
  if (parted === null) return { ...whole, mime: Buffer.alloc(0), parts: [], isTooLarge: true };
  return { ...parted, changes: whole.changes, isTooLarge: false };
}

function asChange(part: PartApart): MailChange {
  return { code: 'ATTACHMENT_UPLOADED', detail: `${part.name} (${part.sizeBytes} bytes)` };
}

const textTooLarge: SendOutcome = {
  kind: 'permanent',
  fault: ownFault(
    'GRAPH_TOO_LARGE',
    'mail',
    'The mail is larger than one request even without its attachments, and Graph takes text in one request only',
  ),
  perRecipient: [],
};
