import type { OutgoingMail, RecipientResult, SendOutcome } from '../contract.ts';
import { HttpDialogue } from '../http/dialogue.ts';
import type { HttpBody } from '../http/request.ts';
import { fitRecipientHeaders, readHeaderBlock, type FittedHeaders } from '../recipient-headers.ts';
import { Transcript } from '../transcript.ts';
import { encodeContent, encodedBytes } from './base64-content.ts';
import type { EwsDesk } from './desk.ts';
import { refusedOutcome, verdictOf, type JudgedAnswer } from './judge-answer.ts';
import { openCall, type OpenCall } from './open-call.ts';
import { ended, type EndedEarly } from './sign-in.ts';
import { planRecipients, type RecipientPlan } from './plan-recipients.ts';
import { createItemRequest } from './requests.ts';

/** What one try learned for the next one: a dead connection is left, a refused token replaced, each once. */
interface TryWish {
  readonly wantsFresh: boolean;
  readonly refusedToken: string | null;
}

type Tried = { readonly kind: 'ended'; readonly outcome: SendOutcome; readonly next: TryWish | null };

/** One mail with what stays the same over the tries of one attempt. */
interface Sending {
  readonly mail: OutgoingMail;
  readonly plan: RecipientPlan;
  readonly mayStart: () => Promise<boolean>;
  readonly transcript: Transcript | null;
  readonly signal: AbortSignal;
}

/** Hands one mail over with CreateItem. */
export async function sendMail(desk: EwsDesk, mail: OutgoingMail, signal: AbortSignal): Promise<SendOutcome> {
  const plan = planRecipients(mail.envelope);
  if (plan.refusal !== null) return plan.refusal;
  const { clock } = desk;
  const isKept = mail.keepDialogue !== undefined;
  const transcript = isKept ? new Transcript(() => clock.monotonicMs(), desk.secretForms) : null;
  const sending = { mail, plan, mayStart: onlyOnce(mail), transcript, signal };
  let wish: TryWish | null = { wantsFresh: false, refusedToken: null };
  let outcome: SendOutcome = { kind: 'withheld' };
  while (wish !== null) ({ outcome, next: wish } = await tryOnce(desk, sending, wish));
  if (transcript !== null) mail.keepDialogue?.(transcript.lines());
  return outcome;
}

async function tryOnce(desk: EwsDesk, sending: Sending, wish: TryWish): Promise<Tried> {
  const { transcript, signal } = sending;
  const dialogue = transcript === null ? null : new HttpDialogue(transcript);
  const call = await openCall(desk, { signal, ...wish, dialogue, transcript });
  if (call.kind === 'ended') return onFresh(call, wish);
  const content = await openContent(desk, sending);
  if (content.kind === 'ended') {
    call.giveUp();
    return onFresh(content, wish);
  }
  const asked = await call.ask(content.body, {
    signal,
    deadlineMs: desk.options.deadlines.sendMs,
    isSend: true,
    gates: { mayFinish: () => sending.mail.mayFinish() },
  });
  if (asked.kind === 'ended') return onFresh(asked, wish);
  const { judged } = asked;
  return {
    kind: 'ended',
    outcome: judge(judged, sending.plan, content.fitted),
    next: onToken(judged, call, wish),
  };
}

/** A connection that had rested and was dead is no fault of the server: once more on a fresh one. */
function onFresh({ outcome, isStale }: Pick<EndedEarly, 'outcome' | 'isStale'>, wish: TryWish): Tried {
  return { kind: 'ended', outcome, next: isStale && !wish.wantsFresh ? { ...wish, wantsFresh: true } : null };
}

/** A refused token is replaced once; before the sign-in nothing of the mail was taken. */
function onToken(judged: JudgedAnswer, call: OpenCall, wish: TryWish): TryWish | null {
  const isRefused = judged.kind === 'refused' && judged.verdict.code === 'EWS_TOKEN_REFUSED';
  return isRefused && call.token !== null && wish.refusedToken === null
    ? { ...wish, refusedToken: call.token }
    : null;
}

function judge(judged: JudgedAnswer, plan: RecipientPlan, { changes }: FittedHeaders): SendOutcome {
  const { reply } = judged;
  if (judged.kind === 'refused') return refusedOutcome(judged.verdict, reply);
  const accepted = plan.addresses.map((address): RecipientResult => ({ kind: 'accepted', address, reply }));
  return {
    kind: 'accepted',
    serverId: null,
    reply,
    perRecipient: [...accepted, ...plan.refused],
    ...(changes.length === 0 ? {} : { changes }),
  };
}

interface OpenContent {
  readonly kind: 'content';
  readonly body: HttpBody;
  readonly fitted: FittedHeaders;
}

/** Asks for the `started` mark, reads the header block, and knows with it how long the request will be. */
async function openContent(desk: EwsDesk, sending: Sending): Promise<OpenContent | EndedEarly> {
  const { mail, plan, transcript, signal } = sending;
  const maySend = await unlessAborted(sending.mayStart(), signal);
  if (maySend !== true || signal.aborted) return ended({ kind: 'withheld' });
  const read = await unlessAborted(readHeaderBlock(mail.open()), signal);
  if (read === 'aborted') return ended({ kind: 'withheld' });
  if (read === 'unreadable') {
    return ended(refusedOutcome(verdictOf('temporary', 'EWS_CONTENT_UNREADABLE', 'mail', 'content'), null));
  }
  const fitted = fitRecipientHeaders(read.header, plan.addresses);
  const around = createItemRequest(desk.options, { messageId: mail.messageId, bcc: fitted.hidden });
  const contentBytes = mail.sizeBytes - read.readBytes + fitted.header.length;
  const encoded = { ...around, contentBytes };
  const open = (): AsyncIterable<Uint8Array> => {
    transcript?.add(
      'sent',
      layOut(`${around.before}*** ${contentBytes} bytes of the mail ***${around.after}`),
    );
    return encodeContent(encoded, inOrder(fitted.header, read.rest));
  };
  return { kind: 'content', body: { sizeBytes: encodedBytes(encoded), open }, fitted };
}

async function* inOrder(
  header: Buffer,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, void> {
  yield header;
  yield* rest;
}

/** What hangs must not outlive the signal. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | 'aborted' | 'unreadable'> {
  return new Promise((resolve) => {
    const onAbort = (): void => resolve('aborted');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work
      .then(resolve, () => resolve('unreadable'))
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function layOut(xml: string): string {
  return xml.replaceAll('><', '>\n<');
}

/** The mark is asked for once, however many connections the mail needs; asking that fails is a no. */
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
