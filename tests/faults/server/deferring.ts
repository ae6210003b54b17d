import assert from 'node:assert/strict';
import { reply, usual } from '#tests/servers/smtp/hostile-script.ts';
import type { Fault } from '../fault.ts';

/** Facts, fault 14. */
export const storm451: Fault = {
  name: 'storm-451',
  title: 'the server answers 451 to every mail for a while: each tries again by itself, none is given up',
  needs: 'desk',
  run: async (ground) => {
    let endsMs: number | null = null;
    const storm = () => {
      endsMs ??= performance.now() + (ground.isShort ? 6_000 : 60_000);
      return performance.now() < endsMs ? reply('451 4.3.0 try again later') : usual;
    };
    const sink = await ground.startSink({ reactions: { rcpt: storm, endOfData: storm } });
    const desk = await ground.openDesk(sink);
    await desk.accept(30);
    await desk.settled();
    assert.ok((await desk.attemptsThat('temporary')) > 0, 'no mail met the storm');
  },
};

/** Facts, fault 15. */
export const greylisting: Fault = {
  name: 'greylisting',
  title: 'the server puts off every recipient that it sees for the first time: accepted at a later try',
  needs: 'desk',
  run: async (ground) => {
    const seenMs = new Map<string, number>();
    const sink = await ground.startSink({
      reactions: {
        rcpt: (line) => {
          const nowMs = performance.now();
          const firstMs = seenMs.get(line) ?? nowMs;
          seenMs.set(line, firstMs);
          return nowMs - firstMs < 3_000 ? reply('450 4.2.0 Greylisted, come again') : usual;
        },
      },
    });
    const desk = await ground.openDesk(sink);
    await desk.accept(20);
    await desk.settled();
    assert.equal(await desk.attemptsThat('temporary'), 20);
  },
};

/** Facts, fault 16. */
export const mixedRecipients: Fault = {
  name: 'mixed-recipients',
  title: 'of four recipients two are accepted, one is refused and one put off: only that one is tried again',
  needs: 'desk',
  run: async (ground) => {
    const deferred = new Set<number>();
    const sink = await ground.startSink({
      reactions: {
        rcpt: (line, times) => {
          if (line.includes('<gone@')) return reply('550 5.1.1 no such user');
          if (!line.includes('<later@') || deferred.size >= 10) return usual;
          deferred.add(times);
          return reply('451 4.2.1 mailbox busy');
        },
      },
    });
    const desk = await ground.openDesk(sink);
    const people = ['first', 'gone', 'later', 'last'].map((name) => `${name}@example.test`);
    await desk.accept(10, { to: people });
    await desk.settled();
    for (const { recipients } of await desk.kept()) {
      const states = recipients.map(({ state }) => state).join(' ');
      assert.equal(states, 'accepted refused accepted accepted');
    }
  },
};

/** Recipients refused one by one until nobody is left. */
export const refusedOneByOne: Fault = {
  name: 'refused-one-by-one',
  title:
    'every recipient of every mail is refused for good: failed with the reason, nothing arrives, nothing waits',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink({ reactions: { rcpt: reply('550 5.1.1 no such user') } });
    const desk = await ground.openDesk(sink);
    await desk.accept(10, { to: ['one@example.test', 'two@example.test', 'three@example.test'] });
    await desk.settled();
    assert.deepEqual(await desk.states(), { failed: 10 });
  },
};

/** PRODUCT 5.11. */
export const slowDown: Fault = {
  name: 'slow-down',
  title: 'the server asks to slow down: the lane waits, no mail is charged a try',
  needs: 'desk',
  run: async (ground) => {
    const sink = await ground.startSink({
      reactions: {
        mail: (_line, times) =>
          times === 1 ? reply('451 4.7.0 Temporary rate limit exceeded, slow down') : usual,
      },
    });
    const desk = await ground.openDesk(sink);
    await desk.accept(20);
    await desk.settled();
    assert.equal(await desk.attemptsThat('temporary'), 0);
  },
};
