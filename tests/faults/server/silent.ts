import assert from 'node:assert/strict';
import { drip, stall, usual, type HostileStage } from '#tests/servers/smtp/hostile-script.ts';
import type { Fault } from '../fault.ts';

/** Facts, fault 17. */
export const tarpit: Fault = {
  name: 'tarpit',
  title:
    'the server drips its answers without an end, at each stage once: the deadline ends it, the mail goes later',
  needs: 'hasty',
  run: async (ground) => {
    const stages: readonly HostileStage[] = ['greeting', 'ehlo', 'mail', 'rcpt'];
    await Promise.all(
      stages.map(async (stage) => {
        const sink = await ground.startSink({
          reactions: {
            [stage]: (_line: string, times: number) => (times === 1 ? drip('250-wait\r\n', 200) : usual),
          },
        });
        const desk = await ground.openDesk(sink);
        await desk.accept(5);
        await desk.settled();
      }),
    );
  },
};

/** Facts, fault 17. */
export const readsNothing: Fault = {
  name: 'reads-nothing',
  title: 'the server asks for a large mail and reads none of it: given up in time, sent later',
  needs: 'hasty',
  run: async (ground) => {
    const sink = await ground.startSink({
      reactions: { content: (_line, times) => (times === 1 ? stall : usual) },
    });
    const desk = await ground.openDesk(sink, { connection: { maxConnections: 1 } });
    await desk.accept(3, { bodyBytes: 3_000_000 });
    await desk.settled();
    assert.equal(sink.mailbox.size, 3);
  },
};

/** A peer that is gone without a word, as behind a firewall that forgot the connection. */
export const halfOpen: Fault = {
  name: 'half-open',
  title: 'connections go silent before the greeting, in mid-dialogue and after the final dot',
  needs: 'hasty',
  run: async (ground) => {
    const stages: readonly HostileStage[] = ['greeting', 'mail', 'data', 'endOfData'];
    await Promise.all(
      stages.map(async (stage) => {
        const sink = await ground.startSink({
          reactions: { [stage]: (_line: string, times: number) => (times === 1 ? stall : usual) },
        });
        const desk = await ground.openDesk(sink);
        await desk.accept(5);
        await desk.settled();
      }),
    );
  },
};
