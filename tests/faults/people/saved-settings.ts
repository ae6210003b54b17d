import assert from 'node:assert/strict';
import { usual } from '#tests/servers/smtp/hostile-script.ts';
import type { Fault } from '../fault.ts';
import { smtpInput } from '../support/settings.ts';

/** Facts, the further ones: a change of settings under a running drain, without a restart (PRODUCT 4.7). */
export const savedSettings: Fault = {
  name: 'saved-settings',
  title:
    'settings are saved again and again in mid-drain, each with another server: every mail goes once, by one of them',
  needs: 'desk',
  run: async (ground) => {
    const seen = { old: 0, late: 0 };
    let isReplaced = false;
    const first = await ground.startSink({
      reactions: {
        mail: () => {
          seen.old += 1;
          if (isReplaced) seen.late += 1;
          return usual;
        },
      },
    });
    const second = await ground.startSink({}, first.mailbox);
    const desk = await ground.openDesk(first);
    await desk.accept(300);
    for (let save = 0; save < 4; save += 1) {
      await first.mailbox.reached(20 + save * 40 + ground.random.below(30));
      const port = save % 2 === 0 ? second.port : first.port;
      await desk.save(smtpInput({ port }));
    }
    await first.mailbox.reached(200);
    await desk.save(smtpInput({ port: second.port }));
    isReplaced = true;
    await desk.settled();
    assert.equal(first.mailbox.arrivals.length, 300);
    assert.ok(second.server.deliveries.length > 0, 'the saved server was not used');
    // What was started before the save finishes on its version (PRODUCT 2.12): no more than its connections and marks.
    ground.say(`${seen.late} of ${seen.old} mails came to the old server after the last save`);
  },
};
