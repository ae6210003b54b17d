import { buildTransport } from '#lib/transports/build-transport.ts';
import type { EwsAuthentication } from '#lib/transports/ews/settings.ts';
import { ewsOptions, tokensInOrder } from '#tests/servers/ews/options.ts';
import type { Reaction } from '#tests/servers/ews/reactions.ts';
import { startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import { describeTransportContract, type FarSide } from './transport-contract.ts';

const reactions: Readonly<Record<FarSide, Reaction | null>> = {
  works: null,
  isDown: null,
  refusesSignIn: null,
  refusesTheMail: { kind: 'refusal', code: 'ErrorMimeContentInvalid' },
  isBusyForNow: { kind: 'refusal', code: 'ErrorInternalServerTransientError' },
  asksToSlowDown: { kind: 'fault', code: 'ErrorServerBusy', backOffMs: 30_000 },
  refusesOneRecipient: null,
  hangsBeforeTheAnswer: { kind: 'stall', send: true },
  breaksOffBeforeTheAnswer: { kind: 'reset', send: true },
};

const signIns: readonly (readonly [string, (isRight: boolean) => EwsAuthentication])[] = [
  ['Basic', (isRight) => password('basic', isRight)],
  ['NTLM', (isRight) => password('ntlm', isRight)],
  [
    'a token',
    (isRight) => ({ kind: 'bearer', tokens: tokensInOrder(isRight ? 'good-token-for-sender' : 'wrong') }),
  ],
];

function password(kind: 'basic' | 'ntlm', isRight: boolean): EwsAuthentication {
  return { kind, userName: 'sender@example.test', password: isRight ? 'correct horse' : 'wrong horse' };
}

for (const [name, authentication] of signIns) {
  describeTransportContract(`EWS with ${name}`, {
    // Exchange takes a mail for all its recipients or for none; who is unknown is told by a bounce.
    cannot: ['refusesOneRecipient'],
    async start(farSide) {
      const server = await startEwsSimulator({
        react: (operation) => (operation === 'CreateItem' ? reactions[farSide] : null),
      });
      if (farSide === 'isDown') await server.close();
      const transport = buildTransport(
        ewsOptions(server, { authentication: authentication(farSide !== 'refusesSignIn') }),
      );
      return {
        transport,
        received: () => server.mails,
        close: async () => {
          await transport.close();
          if (farSide !== 'isDown') await server.close();
        },
      };
    },
  });
}
