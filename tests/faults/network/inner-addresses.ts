import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.ts';

const spellings = [
  '127.0.0.1',
  'localhost',
  '2130706433',
  '0x7f000001',
  '127.1',
  '::1',
  '::ffff:127.0.0.1',
  '0.0.0.0',
];

/** Facts, fault 31. */
export const innerAddresses: Fault = {
  name: 'inner-addresses',
  title:
    'servers under every spelling of an address of this machine, which nobody has allowed: not one connection',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startSink();
    // Those that the form does not take are as good as refused.
    const opened = await Promise.allSettled(
      spellings.map((host) => ground.openDesk(sink, { connection: { host } })),
    );
    const desks = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    assert.ok(desks.length >= 2, 'no spelling was taken');
    for (const desk of desks) await desk.accept(2);
    const strict = await ground.startWorker({
      environment: { MAILROOM_ALLOWED_ADDRESSES: '203.0.113.0/24' },
    });
    const isBack = ground.outages.begin();
    await pause(4_000);
    assert.equal(sink.server.connectionCount(), 0, 'it connected to an address of its own network');
    assert.equal((await strict.stop()).code, 0);
    await ground.startWorker();
    // Nobody was allowed an address here: its lane waits too.
    await ground.innocent.desk.tryAgain();
    isBack();
    const [plain] = desks;
    await plain?.tryAgain();
    await plain?.settled();
    for (const desk of desks.slice(1)) {
      await desk.cancelAll();
    }
    ground.say(`${desks.length} of ${spellings.length} spellings were taken by the form`);
  },
};
