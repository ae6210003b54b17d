import assert from 'node:assert/strict';
import { drop, replyAndDrop, usual } from '#tests/servers/smtp/hostile-script.ts';
import type { Fault } from '../fault.ts';

/** Facts, fault 12. */
export const closesAfterData: Fault = {
  name: 'closes-after-data',
  title: 'the server takes the mail and hangs up before it answers: sent again once, marked as a repeat',
  needs: 'desk',
  run: async (ground) => {
    const every = 3 + ground.random.below(4);
    const sink = await ground.startSink({
      reactions: { endOfData: (_line, times) => (times % every === 0 && times < 30 ? drop : usual) },
    });
    const desk = await ground.openDesk(sink);
    await desk.accept(30);
    await desk.settled();
    assert.ok((await desk.attemptsThat('uncertain')) > 0, 'no answer was missed');
  },
};

/** Any command of any connection may be the last. */
export const hangsUp: Fault = {
  name: 'hangs-up',
  title: 'the server drops connections at chance, at every stage of the dialogue but the last answer',
  needs: 'desk',
  run: async (ground) => {
    let left = ground.rounds(6, 40);
    const perhaps = () => {
      if (left === 0 || ground.random.below(8) > 0) return usual;
      left -= 1;
      return drop;
    };
    const sink = await ground.startSink({
      reactions: { ehlo: perhaps, mail: perhaps, rcpt: perhaps, data: perhaps, content: perhaps },
    });
    const desk = await ground.openDesk(sink);
    await desk.accept(40, { bodyBytes: 4_000 });
    await desk.settled(140_000);
    assert.equal(sink.mailbox.size, 40);
  },
};

export const restarts: Fault = {
  name: 'server-restarts',
  title: 'the mail server goes away in mid-drain and comes back at the same address some seconds later',
  needs: 'desk',
  run: async (ground) => {
    const first = await ground.startSink();
    const desk = await ground.openDesk(first);
    await desk.accept(200);
    await first.mailbox.reached(20 + ground.random.below(100));
    await first.server.close();
    await ground.pauseUpTo(4_000);
    await ground.startSink({ port: first.port }, first.mailbox);
    await desk.settled();
  },
};

/** A server at its limit is not out of reach. */
export const fewConnections: Fault = {
  name: 'few-connections',
  title: 'the server takes two connections at a time where the settings allow five: it is crowded, not gone',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink({
      reactions: {
        greeting: (_line, times) =>
          times > 2 && times < 6 ? replyAndDrop('421 4.3.2 No more sessions') : usual,
      },
    });
    const desk = await ground.openDesk(sink);
    await desk.accept(60);
    await desk.settled();
  },
};

/** PRODUCT 6.1; facts, fault 20. The alternate shares the port, so it is another address of this machine. */
export const primaryDark: Fault = {
  name: 'primary-dark',
  title: 'the primary server refuses connections: mail goes by the alternate and stays there',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink();
    const desk = await ground.openDesk(sink, {
      connection: { host: '127.0.0.2', alternateHost: '127.0.0.1' },
    });
    await desk.accept(40);
    await desk.settled();
    assert.equal(sink.mailbox.size, 40);
    assert.equal(await desk.endpoint(), 'alternate');
  },
};
