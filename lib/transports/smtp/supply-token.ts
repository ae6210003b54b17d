import type { SendOutcome } from '../contract.ts';
import { tokenDialogue } from '../token-dialogue.ts';
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
  const answer = await authentication.tokens.accessToken(refused, signal, tokenDialogue(transcript));
  if (signal.aborted) return { ok: false, outcome: { kind: 'withheld' } };
  if (answer.kind !== 'token') return { ok: false, outcome: answer };
  transcript?.hide(secretForms([answer.token]));
  if (refused === null) observer.stage('token', 'done');
  return { ok: true, token: answer.token };
}
