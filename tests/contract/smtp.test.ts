import { buildTransport } from '#lib/transports/build-transport.ts';
import { startHostileServer } from '#tests/servers/smtp/hostile.ts';
import { drop, reply, stall, type HostileScript } from '#tests/servers/smtp/hostile-script.ts';
import { smtpOptions } from '#tests/servers/smtp/options.ts';
import { describeTransportContract, type FarSide } from './transport-contract.ts';

const scripts: Readonly<Record<FarSide, HostileScript['reactions']>> = {
  works: {},
  isDown: {},
  refusesSignIn: { auth: reply('535 5.7.8 no') },
  refusesTheMail: { endOfData: reply('554 5.7.1 no') },
  isBusyForNow: { endOfData: reply('451 4.3.0 later') },
  asksToSlowDown: { mail: reply('432 4.3.2 Concurrent connections limit exceeded') },
  refusesOneRecipient: {
    rcpt: (line) => reply(line.includes('<refused@') ? '550 5.1.1 no such user' : '250 2.1.5 Ok'),
  },
  hangsBeforeTheAnswer: { endOfData: stall },
  breaksOffBeforeTheAnswer: { endOfData: drop },
};

const offers: readonly (readonly [string, readonly string[]])[] = [
  ['SMTP with PIPELINING', ['PIPELINING', 'AUTH PLAIN']],
  ['SMTP without PIPELINING', ['AUTH LOGIN PLAIN']],
];

for (const [name, ehlo] of offers) {
  describeTransportContract(name, {
    async start(farSide) {
      const reactions = scripts[farSide];
      const server = await startHostileServer({ ehlo, ...(reactions === undefined ? {} : { reactions }) });
      if (farSide === 'isDown') await server.close();
      const authentication = { userName: 'sender@example.test', password: 'correct horse' };
      const transport = buildTransport(smtpOptions(server.port, { authentication, maxConnections: 3 }));
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
