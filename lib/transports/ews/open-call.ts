import type { LeasedConnection } from '../http/client.ts';
import type { HttpDialogue } from '../http/dialogue.ts';
import { httpFaultOutcome } from '../http/fault-outcome.ts';
import type { HttpGates, HttpObserver, HttpRequest } from '../http/request.ts';
import { secretForms, type Transcript } from '../transcript.ts';
import type { SendOutcome } from '../contract.ts';
import { maxAnswerBytes, type EwsDesk } from './desk.ts';
import { judgeAnswer, type JudgedAnswer } from './judge-answer.ts';
import { authorize, ended, fetchToken, type EndedEarly } from './sign-in.ts';

export interface CallWish {
  readonly signal: AbortSignal;
  readonly wantsFresh?: boolean;
  /** A token that was refused just now. */
  readonly refusedToken?: string | null;
  readonly dialogue?: HttpDialogue | null;
  readonly transcript?: Transcript | null;
  readonly observe?: HttpObserver;
  /** Told when a token is there. */
  readonly onToken?: () => void;
  /** Told when the connection is there and its sign-in begins. */
  readonly onConnected?: () => void;
}

/** A connection, signed in, for one request. Whoever opened it ends it by `ask` or by `giveUp`. */
export interface OpenCall {
  readonly kind: 'open';
  readonly token: string | null;
  readonly isReused: boolean;
  ask(body: NonNullable<HttpRequest['body']>, wish: AskWish): Promise<Asked>;
  giveUp(): void;
}

export interface AskWish {
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
  /** Whether the request changes anything at the far side. */
  readonly isSend: boolean;
  readonly gates?: HttpGates;
}

export type Asked =
  | { readonly kind: 'judged'; readonly judged: JudgedAnswer }
  /** No answer; `isStale` where a connection that had rested was dead before it took anything. */
  | { readonly kind: 'ended'; readonly outcome: SendOutcome; readonly isStale: boolean };

export async function openCall(desk: EwsDesk, wish: CallWish): Promise<OpenCall | EndedEarly> {
  const fetched = await fetchToken(desk, wish.refusedToken ?? null, wish);
  if (fetched.kind === 'ended') return fetched;
  const { token } = fetched;
  if (token !== null) {
    wish.transcript?.hide(secretForms([token]));
    wish.onToken?.();
  }
  const connected = await desk.client.connect(
    desk.url.href,
    { wantsFresh: wish.wantsFresh, observe: wish.observe },
    wish.signal,
  );
  if (connected.kind === 'withheld') return ended({ kind: 'withheld' });
  if (connected.kind === 'failed') return ended(httpFaultOutcome({ ...connected, mayHaveArrived: false }));
  const { connection } = connected;
  wish.onConnected?.();
  const dialogue = wish.dialogue ?? null;
  const authorized = await authorize(desk, connection, token, { signal: wish.signal, dialogue });
  if (authorized.kind === 'ended') {
    connection.release(!authorized.isStale);
    return authorized;
  }
  const { authorization } = authorized;
  const tokens = [token, wish.refusedToken ?? null].filter((each) => each !== null);
  return {
    kind: 'open',
    token,
    isReused: connection.isReused,
    ask: (body, asking) => ask(desk, connection, { body, authorization, tokens, dialogue }, asking),
    giveUp: () => connection.release(),
  };
}

interface Question {
  readonly body: NonNullable<HttpRequest['body']>;
  readonly authorization: string;
  readonly tokens: readonly string[];
  readonly dialogue: HttpDialogue | null;
}

async function ask(
  desk: EwsDesk,
  connection: LeasedConnection,
  { body, authorization, tokens, dialogue }: Question,
  { signal, deadlineMs, isSend, gates = {} }: AskWish,
): Promise<Asked> {
  let mayHaveEnded = false;
  const mayFinish = (): boolean => {
    mayHaveEnded = gates.mayFinish?.() ?? true;
    return mayHaveEnded;
  };
  const result = await connection.exchange(
    {
      method: 'POST',
      url: desk.url.href,
      headers: { ...desk.headers, 'content-type': 'text/xml; charset=utf-8', authorization },
      body,
      gates: { ...gates, mayFinish },
      deadlineMs,
      maxAnswerBytes,
      dialogue,
    },
    signal,
  );
  // An answer that came before the request was whole leaves a connection in the middle of one.
  connection.release(result.kind === 'answered' && mayHaveEnded);
  if (result.kind === 'answered') {
    const asked = desk.asked({ mayHaveSent: isSend && mayHaveEnded, tokens });
    return { kind: 'judged', judged: judgeAnswer(result.answer, asked) };
  }
  const isLost = result.kind === 'failed' && result.fault.code === 'HTTP_CONNECTION_LOST';
  const isStale = isLost && connection.isReused && !(isSend && result.mayHaveArrived);
  // What only reads leaves nothing in doubt.
  const sure = result.kind === 'failed' && !isSend ? { ...result, mayHaveArrived: false } : result;
  return { kind: 'ended', outcome: httpFaultOutcome(sure), isStale };
}
