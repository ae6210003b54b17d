import { createAddressGuard } from '#lib/transports/address-guard.ts';
import { defaultGraphDeadlines, type GraphTransportOptions } from '#lib/transports/graph/settings.ts';
import type { RequestSlots, TokenAnswer, TokenSource } from '#lib/transports/supplies.ts';
import type { GraphServer } from './server.ts';
import type { GraphToken } from './settings.ts';

export const allScopes = ['Mail.ReadWrite', 'Mail.Send', 'Mail.Send.Shared'];

/** A source whose tokens the simulator knows; each refused one is followed by the next. */
export function knownTokens(
  server: Pick<GraphServer, 'tokens'>,
  changes: Partial<GraphToken> = {},
): TokenSource & { readonly asked: (string | null)[] } {
  const asked: (string | null)[] = [];
  const tokenOf = (count: number): string => `token-${changes.clientId ?? 'client'}-${count}`;
  const facts = { clientId: 'client', mailbox: 'sender@example.test', scopes: allScopes, ...changes };
  server.tokens.set(tokenOf(0), facts);
  let count = 0;
  return {
    asked,
    async accessToken(refused): Promise<TokenAnswer> {
      asked.push(refused);
      if (refused === tokenOf(count)) {
        count += 1;
        server.tokens.set(tokenOf(count), facts);
      }
      return { kind: 'token', token: tokenOf(count) };
    },
  };
}

/** Turns within this process, for as many transports as share them. */
export function createLocalSlots(count: number): RequestSlots & { readonly peak: () => number } {
  const waiting: (() => void)[] = [];
  let taken = 0;
  let peak = 0;
  const giveBack = (): void => {
    const next = waiting.shift();
    if (next === undefined) taken -= 1;
    else next();
  };
  return {
    peak: () => peak,
    take(_deadlineMs, signal) {
      if (signal.aborted) return Promise.resolve(null);
      return new Promise((resolve) => {
        const start = (): void => {
          signal.removeEventListener('abort', onAbort);
          peak = Math.max(peak, taken);
          let isGivenBack = false;
          resolve({
            giveBack() {
              if (!isGivenBack) giveBack();
              isGivenBack = true;
            },
          });
        };
        const onAbort = (): void => {
          waiting.splice(waiting.indexOf(start), 1);
          resolve(null);
        };
        if (taken < count) {
          taken += 1;
          return start();
        }
        waiting.push(start);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
  };
}

/** Options towards the simulator, which the operator's list allows here; nothing waits. */
export function graphOptions(
  server: Pick<GraphServer, 'endpoint' | 'authority' | 'tokens'>,
  changes: Partial<GraphTransportOptions> = {},
): GraphTransportOptions {
  return {
    protocol: 'graph',
    endpoint: server.endpoint,
    mailbox: 'sender@example.test',
    access: 'delegated',
    saveToSentItems: true,
    proveOnce: false,
    canReadMail: true,
    tokens: changes.tokens ?? knownTokens(server),
    slots: createLocalSlots(4),
    proxy: null,
    checkCertificate: true,
    customCa: server.authority.cert,
    deadlines: { ...defaultGraphDeadlines, requestMs: 5000, uploadMs: 5000 },
    addressGuard: createAddressGuard(['127.0.0.0/8']),
    wait: () => Promise.resolve(),
    ...changes,
  };
}
