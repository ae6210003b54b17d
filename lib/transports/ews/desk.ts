import { systemClock, type Clock } from '#lib/clock.ts';
import { createHttpClient, type HttpClient } from '../http/client.ts';
import { secretForms } from '../transcript.ts';
import type { AskedRequest } from './judge-answer.ts';
import type { EwsTransportOptions } from './settings.ts';

/** What every request of one transport shares. */
export interface EwsDesk {
  readonly options: EwsTransportOptions;
  readonly url: URL;
  readonly client: HttpClient;
  readonly clock: Clock;
  readonly headers: Readonly<Record<string, string>>;
  readonly secretForms: readonly string[];
  /** The facts by which an answer is judged; `tokens` are those that this request or the one before it carried. */
  asked(facts: { readonly mayHaveSent: boolean; readonly tokens: readonly string[] }): AskedRequest;
}

/** Answers to what Mailroom asks are small; reading much more as XML would keep all other mail waiting. */
export const maxAnswerBytes = 256 * 1024;

/** @throws RangeError where the address is no https address: settings are checked before a transport is built */
export function createDesk(options: EwsTransportOptions): EwsDesk {
  const url = URL.parse(options.url);
  if (url?.protocol !== 'https:') throw new RangeError('The connect URL is no https address');
  const clock = options.clock ?? systemClock;
  const { authentication, proxy } = options;
  const password = authentication.kind === 'bearer' ? '' : authentication.password;
  const forms = secretForms([password, proxy?.password ?? '']);
  const anchor = options.anchorMailbox ?? options.mailbox?.address ?? null;
  return {
    options,
    url,
    clock,
    secretForms: forms,
    client: createHttpClient({
      guard: options.addressGuard,
      proxy,
      checkCertificate: options.checkCertificate,
      customCa: options.customCa,
      maxConnectionsPerOrigin: options.maxConnections,
      deadlines: options.deadlines,
      lookup: options.lookup,
      clock,
    }),
    headers: {
      accept: 'text/xml',
      'user-agent': 'Mailroom',
      ...(anchor === null ? {} : { 'x-anchormailbox': anchor }),
    },
    asked: ({ mayHaveSent, tokens }) => ({
      host: url.hostname,
      authentication: authentication.kind,
      mayHaveSent,
      secretForms: [...forms, ...secretForms(tokens)],
      nowMs: clock.now().getTime(),
    }),
  };
}
