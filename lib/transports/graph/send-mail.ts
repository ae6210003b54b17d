import type { OutgoingMail, SendOutcome } from '../contract.ts';
import { Transcript } from '../transcript.ts';
import type { GraphDesk, Errand } from './desk.ts';
import { acceptedOutcome, judge, ownFault } from './judge.ts';
import { fittedBytesAtMost, inBase64, readGraphMime, StartedContent } from './mail-content.ts';
import { makeJsonMail } from './json-mail.ts';
import { sendByDraft } from './send-draft.ts';
import { maxMailBytes, maxMimeBytes, type GraphTransportOptions } from './settings.ts';

/** Hands one mail over: in one request wherever it fits, as a draft where it does not or where each is to be proved. */
export async function sendGraphMail(
  desk: GraphDesk,
  options: GraphTransportOptions,
  mail: OutgoingMail,
  given: Pick<Errand, 'signal' | 'observe'> & { readonly transcript?: Transcript | null },
): Promise<SendOutcome> {
  const isKept = mail.keepDialogue !== undefined;
  const own = isKept ? new Transcript(() => desk.clock.monotonicMs(), []) : null;
  const errand = { ...given, transcript: given.transcript ?? own };
  const outcome = await sendInItsWay(desk, options, mail, errand);
  if (own !== null) mail.keepDialogue?.(own.lines());
  return outcome;
}

async function sendInItsWay(
  desk: GraphDesk,
  options: GraphTransportOptions,
  mail: OutgoingMail,
  errand: Errand,
): Promise<SendOutcome> {
  if (errand.signal.aborted) return { kind: 'withheld' };
  if (mail.sizeBytes > maxMailBytes) return refused('GRAPH_TOO_LARGE', 'A mail has at most 150 MB');
  const isLarge = fittedBytesAtMost(mail) > maxMimeBytes;
  if (isLarge && !options.canReadMail) {
    return refused(
      'GRAPH_DRAFT_NOT_ALLOWED',
      'A mail of more than 3 MB becomes a draft first, which the consent (Mail.ReadWrite) does not include',
    );
  }
  const isDraft = isLarge || (options.proveOnce && options.canReadMail);
  if (isDraft) {
    const outcome = await sendByDraft(desk, mail, errand, isLarge);
    return options.saveToSentItems ? outcome : sayCopyIsKept(outcome);
  }
  return options.saveToSentItems ? sendMime(desk, mail, errand) : sendJson(desk, mail, errand);
}

async function sendMime(desk: GraphDesk, mail: OutgoingMail, errand: Errand): Promise<SendOutcome> {
  const content = new StartedContent(mail, () => readGraphMime(mail, 'send'), inBase64);
  const asked = await desk.ask(desk.requests.sendMime(), errand, loadOf(content, mail));
  if (asked.kind !== 'answered' || asked.answer.status !== 202) return judge(asked, 'send', desk.clock.now());
  const changes = content.made?.changes ?? [];
  return acceptedOutcome(mail.envelope.to, asked.answer, { serverId: null, changes });
}

async function sendJson(desk: GraphDesk, mail: OutgoingMail, errand: Errand): Promise<SendOutcome> {
  const content = new StartedContent(
    mail,
    () => makeJsonMail(mail),
    ({ message }) => Buffer.from(JSON.stringify({ message, saveToSentItems: false }), 'utf8'),
  );
  const asked = await desk.ask(desk.requests.sendJson(), errand, loadOf(content, mail));
  if (asked.kind !== 'answered' || asked.answer.status !== 202) return judge(asked, 'send', desk.clock.now());
  const changes = content.made?.changes ?? [];
  return acceptedOutcome(mail.envelope.to, asked.answer, { serverId: null, changes });
}

/** What was a draft is always kept. */
function sayCopyIsKept(outcome: SendOutcome): SendOutcome {
  if (outcome.kind !== 'accepted') return outcome;
  return {
    ...outcome,
    changes: [...(outcome.changes ?? []), { code: 'COPY_KEPT', detail: 'Sent Items' }],
  };
}

function loadOf(content: Pick<StartedContent<unknown>, 'body' | 'mayStart'>, mail: OutgoingMail) {
  return {
    content: content.body,
    gates: { mayStart: content.mayStart, mayFinish: () => mail.mayFinish() },
  };
}

function refused(code: 'GRAPH_TOO_LARGE' | 'GRAPH_DRAFT_NOT_ALLOWED', text: string): SendOutcome {
  return { kind: 'permanent', fault: ownFault(code, 'mail', text), perRecipient: [] };
}
