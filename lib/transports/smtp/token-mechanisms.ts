import type { SMTPConnectionCustomAuthContext } from 'nodemailer/lib/smtp-connection';
import type { SmtpEndpoint } from './settings.ts';

export type TokenMechanism = 'XOAUTH2' | 'OAUTHBEARER';

/** XOAUTH2, and OAUTHBEARER where the server offers only that (PRODUCT 2.5); null where it offers neither. */
export function tokenMechanism(offered: readonly string[]): TokenMechanism | null {
  if (offered.includes('XOAUTH2')) return 'XOAUTH2';
  return offered.includes('OAUTHBEARER') ? 'OAUTHBEARER' : null;
}

/** The name under which nodemailer runs our exchange; it is never sent. */
export const tokenMethod = 'MAILROOM-TOKEN';

export type TokenSignInAnswer =
  | { readonly isSignedIn: true }
  /** `said` is what came in a challenge before the last reply (both providers send JSON there); often empty. */
  | { readonly isSignedIn: false; readonly said: string };

export interface TokenSignIn {
  readonly mechanism: TokenMechanism;
  readonly userName: string;
  readonly token: string;
  readonly endpoint: SmtpEndpoint;
}

/**
 * One sign-in by token. XOAUTH2 as Google and Microsoft describe it, OAUTHBEARER by RFC 7628 3; both carry the token in
 * the first line, or after an empty challenge where the server finds that line too long (RFC 4954 4).
 */
export async function signInByToken(
  { sendCommand }: Pick<SMTPConnectionCustomAuthContext, 'sendCommand'>,
  signIn: TokenSignIn,
): Promise<TokenSignInAnswer> {
  const message = initialMessage(signIn);
  let answer = await sendCommand(`AUTH ${signIn.mechanism} ${message}`);
  if (answer.status === 500) {
    answer = await sendCommand(`AUTH ${signIn.mechanism}`);
    if (answer.status === 334) answer = await sendCommand(message);
  }
  if (answer.status === 235) return { isSignedIn: true };
  if (answer.status !== 334) return { isSignedIn: false, said: '' };
  const said = decoded(answer.text);
  // A refusal in a challenge is answered before the server says its last word (RFC 7628 3.2.3: a single 0x01).
  await sendCommand(signIn.mechanism === 'XOAUTH2' ? '' : 'AQ==');
  return { isSignedIn: false, said };
}

function initialMessage({ mechanism, userName, token, endpoint }: TokenSignIn): string {
  const text =
    mechanism === 'XOAUTH2'
      ? `user=${userName}\u0001auth=Bearer ${token}\u0001\u0001`
      : `n,a=${saslName(userName)},\u0001host=${endpoint.host}\u0001port=${endpoint.port}\u0001auth=Bearer ${token}\u0001\u0001`;
  return Buffer.from(text, 'utf8').toString('base64');
}

/** RFC 5801 4: a comma and an equals sign have a meaning of their own there. */
function saslName(userName: string): string {
  return userName.replaceAll('=', '=3D').replaceAll(',', '=2C');
}

/** Nothing that could end one of its fields or the line may stand in a user name or token. */
export function isSafeForToken(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return text !== '' && !/[\u0000-\u001f\u007f]/.test(text);
}

function decoded(base64: string): string {
  return Buffer.from(base64.trim(), 'base64').toString('utf8').slice(0, 500);
}
