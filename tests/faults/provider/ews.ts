import assert from 'node:assert/strict';
import { defaultEwsSimulatorOptions, startEwsSimulator } from '#tests/servers/ews/simulator.ts';
import type { Fault } from '../fault.ts';
import { Mailbox } from '../support/mailbox.ts';
import { commonInput } from '../support/settings.ts';

/** Facts, fault 26. */
export const ewsBusy: Fault = {
  name: 'ews-busy',
  title: 'Exchange asks to be left alone, resets connections and takes a mail without answering',
  needs: 'desk',
  withinMs: 200_000,
  run: async (ground) => {
    let sends = 0;
    const server = await startEwsSimulator({
      maySendAs: ['portal@example.test'],
      react: (operation) => {
        if (operation !== 'CreateItem') return null;
        sends += 1;
        if (sends === 3) return { kind: 'fault', code: 'ErrorServerBusy', backOffMs: 2_000 };
        if (sends === 6) return { kind: 'reset' };
        if (sends === 9) return { kind: 'reset', send: true };
        return null;
      },
    });
    ground.endings.add(() => server.close());
    const mailbox = new Mailbox();
    const [user] = defaultEwsSimulatorOptions.users;
    const desk = await ground.openDeskWith(mailbox, {
      ...commonInput(),
      connection: {
        kind: 'ews',
        connectUrl: server.url,
        checkCertificate: true,
        customCa: server.certificate,
        maxConnections: 3,
        saveToSentItems: true,
        anchorMailbox: null,
        impersonatedMailbox: null,
        authentication: {
          kind: 'basic',
          scheme: 'ntlm',
          userName: user?.userName ?? '',
          password: { kind: 'set', value: user?.password ?? '' },
        },
      },
    });
    await desk.accept(30);
    await desk.settled(180_000);
    for (const { messageId, to } of server.mails) mailbox.keep({ messageId, to });
    assert.ok(sends > 9, 'the faults were not met');
  },
};
