import type { SendOutcome } from '../contract.ts';
import { HttpDialogue } from '../http/dialogue.ts';
import { secretForms } from '../transcript.ts';
import type { SessionSettings } from './connection-options.ts';
import type { SetupObserver } from './session-watch.ts';

export type Supplied =
  | { readonly ok: true; readonly token: string | null }
  | { readonly ok: false; readonly outcome: SendOutcome };

/** The token comes before the connection: without one nobody is called. Null where a password signs in, or nothing. */
export async function supplyToken(
  { options: { authentication } }: SessionSettings,
  refused: string | null,
  signal: AbortSignal,
  observer: SetupObserver,
): Promise<Supplied> {
  if (authentication === null || 'password' in authentication) return { ok: true, token: null };
  if (refused === null) observer.stage('token', 'running');
  const { transcript } = observer;
  // The form of a token request holds no content of a mail, and its secrets are masked by their names.
  const dialogue = transcript === null ? null : new HttpDialogue(transcript, { request: (text) => text });
  const answer = await authentication.tokens.accessToken(refused, signal, dialogue);
  if (signal.aborted) return { ok: false, outcome: { kind: 'withheld' } };
  if (answer.kind !== 'token') return { ok: false, outcome: answer };
  transcript?.hide(secretForms([answer.token]));
  if (refused === null) observer.stage('token', 'done');
  return { ok: true, token: answer.token };
}
