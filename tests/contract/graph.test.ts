import { buildTransport } from '#lib/transports/build-transport.ts';
import type { TokenSource } from '#lib/transports/supplies.ts';
import { graphOptions, knownTokens } from '#tests/servers/graph/options.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import type { GraphFault } from '#tests/servers/graph/settings.ts';
import { describeTransportContract, type FarSide } from './transport-contract.ts';

const whenSending = ({ path }: { readonly path: string }): boolean => /\/(?:sendMail|send)$/.test(path);
const whenLooking = ({ method }: { readonly method: string }): boolean => method === 'GET';

const faults: Readonly<Partial<Record<FarSide, Omit<GraphFault, 'when'>>>> = {
  refusesTheMail: { after: false, does: { kind: 'answer', status: 400, code: 'ErrorMimeContentInvalid' } },
  isBusyForNow: { after: false, does: { kind: 'answer', status: 409, code: 'ErrorIrresolvableConflict' } },
  asksToSlowDown: { after: false, does: { kind: 'answer', status: 429, code: 'ApplicationThrottled' } },
  hangsBeforeTheAnswer: { after: true, does: { kind: 'hang' } },
  breaksOffBeforeTheAnswer: { after: true, does: { kind: 'drop' } },
};

const wrongTokens: TokenSource = {
  accessToken: () => Promise.resolve({ kind: 'token', token: 'not-one-of-ours' }),
};

for (const [name, changes] of [
  ['Graph with one request a mail', {}],
  ['Graph without a kept copy', { saveToSentItems: false }],
  ['Graph with each mail proved', { proveOnce: true }],
] as const) {
  describeTransportContract(name, {
    // A mail is taken as a whole: who is unknown shows later, as a bounce.
    cannot: ['refusesOneRecipient'],
    async start(farSide) {
      const server = await startGraphServer();
      const fault = faults[farSide];
      if (fault !== undefined) server.switches.faults.push({ ...fault, when: whenSending });
      // Nor does it answer when a draft is looked at afterwards, on this connection or on the next.
      const drop = { when: whenLooking, after: false, does: { kind: 'drop' } } as const;
      if (farSide === 'breaksOffBeforeTheAnswer') server.switches.faults.push(drop, drop);
      if (farSide === 'isDown') await server.close();
      const tokens = farSide === 'refusesSignIn' ? wrongTokens : knownTokens(server);
      const transport = buildTransport(graphOptions(server, { ...changes, tokens }));
      return {
        transport,
        received: () => server.deliveries,
        close: async () => {
          await transport.close();
          if (farSide !== 'isDown') await server.close();
        },
      };
    },
  });
}
