import { createAddressGuard } from '#lib/transports/address-guard.ts';
import type { EwsTransportOptions } from '#lib/transports/ews/settings.ts';
import type { TokenSource } from '#lib/transports/supplies.ts';
import type { EwsSimulator } from './simulator.ts';

/** Options towards a simulator on loopback, which the operator's list allows here. */
export function ewsOptions(
  server: Pick<EwsSimulator, 'url' | 'certificate'>,
  changes: Partial<EwsTransportOptions> = {},
): EwsTransportOptions {
  return {
    protocol: 'ews',
    url: server.url,
    authentication: { kind: 'basic', userName: 'sender@example.test', password: 'correct horse' },
    mailbox: null,
    anchorMailbox: null,
    savesCopy: true,
    checkCertificate: true,
    customCa: server.certificate,
    proxy: null,
    maxConnections: 3,
    deadlines: {
      dnsMs: 10_000,
      connectMs: 10_000,
      tlsMs: 10_000,
      readMs: 60_000,
      sendMs: 60_000,
      idleMs: 60_000,
    },
    addressGuard: createAddressGuard(['127.0.0.0/8']),
    lookUpPausesMs: [0],
    ...changes,
  };
}

/** Tokens in their order; a refusal moves on to the next one, which is what a fetched token is. */
export function tokensInOrder(
  ...tokens: readonly string[]
): TokenSource & { readonly asked: readonly (string | null)[] } {
  const asked: (string | null)[] = [];
  let at = 0;
  return {
    asked,
    accessToken: (refused) => {
      asked.push(refused);
      if (refused !== null && refused === tokens[at]) at += 1;
      const token = tokens[at];
      const fault = { stage: 'token', scope: 'mailbox', code: 'TOKEN_REFUSED', reply: null } as const;
      return Promise.resolve(token === undefined ? { kind: 'credentials', fault } : { kind: 'token', token });
    },
  };
}
