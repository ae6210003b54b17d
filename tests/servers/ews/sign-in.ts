import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { authenticatedUser, challengeOf, type NtlmHandshake, type NtlmUser } from './ntlm-server.ts';

export type SignInMethod = 'basic' | 'ntlm' | 'bearer';

export interface SimulatedUser extends NtlmUser {
  /** Its own mailbox. */
  readonly mailbox: string;
}

export interface SignInRules {
  readonly offered: readonly SignInMethod[];
  readonly users: readonly SimulatedUser[];
  /** Tokens that are good at the moment, each with the mailbox of its owner; null for an app without one. */
  readonly tokens: ReadonlyMap<string, string | null>;
  /** Set where Extended Protection is required. */
  readonly boundTo: X509Certificate | null;
}

export type SignInResult =
  | { readonly kind: 'signedIn'; readonly mailbox: string | null }
  /** 401 with this WWW-Authenticate. */
  | { readonly kind: 'refused'; readonly offers: readonly string[] };

const words = { basic: 'Basic realm="exchange"', ntlm: 'NTLM', bearer: 'Bearer' } as const;

/** Checks each request's sign-in; NTLM's belongs to the connection. */
export class SignInDesk {
  readonly #handshakes = new WeakMap<Socket, NtlmHandshake>();

  check(request: IncomingMessage, rules: SignInRules): SignInResult {
    const [scheme = '', value = ''] = (request.headers.authorization ?? '').split(' ', 2);
    const method = (['basic', 'ntlm', 'bearer'] as const).find((known) => known === scheme.toLowerCase());
    const refused = { kind: 'refused', offers: rules.offered.map((known) => words[known]) } as const;
    if (method === undefined || !rules.offered.includes(method)) return refused;
    switch (method) {
      case 'basic': {
        const pair = Buffer.from(value, 'base64').toString('utf8');
        const user = rules.users.find(({ userName, password }) => pair === `${userName}:${password}`);
        return user === undefined ? refused : { kind: 'signedIn', mailbox: user.mailbox };
      }
      case 'bearer': {
        const mailbox = rules.tokens.get(value);
        return mailbox === undefined ? refused : { kind: 'signedIn', mailbox };
      }
      case 'ntlm':
        return this.#ntlm(Buffer.from(value, 'base64'), request.socket, rules) ?? refused;
      default: {
        const never: never = method;
        return never;
      }
    }
  }

  #ntlm(message: Buffer, socket: Socket, rules: SignInRules): SignInResult | null {
    const opened = challengeOf(message);
    if (opened !== null) {
      this.#handshakes.set(socket, opened);
      return { kind: 'refused', offers: [`NTLM ${opened.challenge.toString('base64')}`] };
    }
    const handshake = this.#handshakes.get(socket);
    this.#handshakes.delete(socket);
    if (handshake === undefined) return null;
    const user = authenticatedUser(message, handshake, rules.users, rules.boundTo);
    return user === null ? null : { kind: 'signedIn', mailbox: user.mailbox };
  }
}
