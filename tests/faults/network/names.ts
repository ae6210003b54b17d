import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.ts';

const host = 'mail.example.test';

/** Facts, fault 19. */
export const failingNames: Fault = {
  name: 'failing-names',
  title: 'the name of the server is unknown, fails, is never answered, and then has its address again',
  needs: 'workers',
  run: async (ground) => {
    const file = join(ground.home, 'names.json');
    const answer = (found: string | readonly string[]) =>
      writeFile(file, JSON.stringify({ '127.0.0.1': ['127.0.0.1'], [host]: found }));
    await answer(['127.0.0.1']);
    const sink = await ground.startSink();
    const desk = await ground.openDesk(sink, { connection: { host } });
    await ground.startHastyWorker(file);
    await desk.accept(150);
    await sink.mailbox.reached(10);
    for (const fault of ['ENOTFOUND', 'EAI_AGAIN', 'silence']) {
      await answer(fault);
      sink.server.dropAll();
      await pause(1_500);
      await answer(['127.0.0.1']);
      await desk.accept(10);
      await pause(ground.random.below(1_500));
    }
    await desk.settled();
  },
};

/** Facts, fault 19: the server has moved. */
export const movedName: Fault = {
  name: 'moved-name',
  title: 'the name of the server gets another address in mid-drain, and the old one stops answering',
  needs: 'workers',
  isLong: true,
  run: async (ground) => {
    const file = join(ground.home, 'names.json');
    const answer = (found: readonly string[]) =>
      writeFile(file, JSON.stringify({ '127.0.0.1': ['127.0.0.1'], [host]: found }));
    // The old address is one of this machine where nobody listens any more once the first server is gone.
    await answer(['127.0.0.1']);
    const first = await ground.startSink();
    const desk = await ground.openDesk(first, { connection: { host } });
    await ground.startHastyWorker(file);
    await desk.accept(200);
    await first.mailbox.reached(10 + ground.random.below(80));
    await first.server.close();
    await answer(['127.0.0.2']);
    await desk.accept(20);
    await pause(2_000);
    const second = await ground.startSink({ port: first.port, host: '127.0.0.2' }, first.mailbox);
    await desk.settled();
    assert.ok(second.server.deliveries.length > 0, 'nothing went to the new address');
  },
};
