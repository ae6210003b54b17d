import type { SendOutcome } from '../contract.ts';
import type { LeasedConnection } from '../http/client.ts';
import type { HttpDialogue } from '../http/dialogue.ts';
import { httpFault } from '../http/fault-outcome.ts';
import type { HttpAnswer, HttpResult } from '../http/request.ts';
import { tokenDialogue } from '../token-dialogue.ts';
import type { Transcript } from '../transcript.ts';
import { maxAnswerBytes, type EwsDesk } from './desk.ts';
import { judgeAnswer, refusedOutcome, verdictOf } from './judge-answer.ts';
import { channelBinding } from './ntlm-keys.ts';
import { authenticateMessage, freshHandshake, negotiateMessage, readChallenge } from './ntlm.ts';

/** It ended before the request itself: nothing of it is in doubt. */
export interface EndedEarly {
  readonly kind: 'ended';
  readonly outcome: SendOutcome;
  /** A connection that had rested turned out dead: a fresh one may do. */
  readonly isStale: boolean;
}

export function ended(outcome: SendOutcome, isStale = false): EndedEarly {
  return { kind: 'ended', outcome, isStale };
}

/** A token where the sign-in needs one, else null. `refused` is never given again. */
export async function fetchToken(
  desk: EwsDesk,
  refused: string | null,
  { signal, transcript = null }: { readonly signal: AbortSignal; readonly transcript?: Transcript | null },
): Promise<{ readonly kind: 'fetched'; readonly token: string | null } | EndedEarly> {
  const { authentication } = desk.options;
  if (signal.aborted) return ended({ kind: 'withheld' });
  if (authentication.kind !== 'bearer') return { kind: 'fetched', token: null };
  const answer = await authentication.tokens.accessToken(refused, signal, tokenDialogue(transcript));
  if (signal.aborted) return ended({ kind: 'withheld' });
  return answer.kind === 'token' ? { kind: 'fetched', token: answer.token } : ended(answer);
}

type Authorized = { readonly kind: 'authorized'; readonly authorization: string } | EndedEarly;

/** What authorizes the next request on this connection. NTLM needs a request of its own for that. */
export async function authorize(
  desk: EwsDesk,
  connection: LeasedConnection,
  token: string | null,
  watch: { readonly signal: AbortSignal; readonly dialogue: HttpDialogue | null },
): Promise<Authorized> {
  const { authentication } = desk.options;
  switch (authentication.kind) {
    case 'basic': {
      const pair = Buffer.from(`${authentication.userName}:${authentication.password}`, 'utf8');
      return { kind: 'authorized', authorization: `Basic ${pair.toString('base64')}` };
    }
    case 'bearer':
      return { kind: 'authorized', authorization: `Bearer ${token ?? ''}` };
    case 'ntlm': {
      const opening = await connection.exchange(
        {
          method: 'POST',
          url: desk.url.href,
          headers: { ...desk.headers, authorization: `NTLM ${negotiateMessage().toString('base64')}` },
          deadlineMs: desk.options.deadlines.readMs,
          maxAnswerBytes,
          dialogue: watch.dialogue,
        },
        watch.signal,
      );
      if (opening.kind !== 'answered') return failedHandshake(opening, connection);
      return answerChallenge(desk, connection, opening.answer, authentication);
    }
    default: {
      const never: never = authentication;
      return never;
    }
  }
}

/**
 * The third message, which goes with the request itself [MS-NTHT 3.1]. The handshake is made anew for each request:
 * whether a connection stays signed in is the server's choice.
 */
function answerChallenge(
  desk: EwsDesk,
  connection: LeasedConnection,
  answer: HttpAnswer,
  credentials: { readonly userName: string; readonly password: string },
): Authorized {
  const offered = /(?:^|,\s*)NTLM (?<message>[A-Za-z0-9+/]+=*)/i.exec(
    answer.headers['www-authenticate'] ?? '',
  );
  const challenge = readChallenge(Buffer.from(offered?.groups?.['message'] ?? '', 'base64'));
  if (answer.status !== 401 || challenge === null || !connection.isAlive) {
    const judged = judgeAnswer(answer, desk.asked({ mayHaveSent: false, tokens: [] }));
    const isOther = judged.kind === 'refused' && answer.status !== 401;
    const missing = verdictOf('credentials', 'EWS_AUTH_METHOD_MISSING', 'host', 'authenticate');
    return ended(refusedOutcome(isOther ? judged.verdict : missing, judged.reply));
  }
  const certificate = connection.peerCertificate;
  const binding = certificate === null ? Buffer.alloc(16) : channelBinding(certificate);
  const message = authenticateMessage(
    challenge,
    credentials,
    { target: desk.url.hostname, binding },
    freshHandshake(desk.clock.now().getTime()),
  );
  return { kind: 'authorized', authorization: `NTLM ${message.toString('base64')}` };
}

function failedHandshake(
  result: Exclude<HttpResult, { kind: 'answered' }>,
  connection: LeasedConnection,
): EndedEarly {
  if (result.kind === 'withheld' || result.fault.code === 'HTTP_ABORTED') return ended({ kind: 'withheld' });
  const fault = { ...httpFault(result.fault), stage: 'authenticate' } as const;
  const isStale = connection.isReused && result.fault.code === 'HTTP_CONNECTION_LOST';
  return ended({ kind: 'unreachable', fault }, isStale);
}
