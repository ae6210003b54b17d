import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../fault.ts';
import { holdStatement } from '../support/held-statement.ts';

/** A portal that froze in the middle of a save, or a person with a console: its own project waits, no other. */
export const stuckSave: Fault = {
  name: 'stuck-save',
  title: 'a session stands still with the row of one project locked: the mail of all others goes on',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    await desk.accept(50);
    await sink.mailbox.reached(20);
    const held = await holdStatement(ground.databaseUrl, {
      lock: 'select from mailroom.projects where id = $1 for update',
      values: [desk.project.id],
    });
    await desk.accept(50);
    await held.reached();
    await pause(ground.isShort ? 4_000 : 12_000);
    await held.release();
    await desk.settled();
  },
};

/** The same in the middle of a move of mails. */
export const stuckMove: Fault = {
  name: 'stuck-move',
  title:
    'a session stands still with the mails of one project locked: the outcomes of all others are written',
  needs: 'workers',
  run: async (ground) => {
    const sink = await ground.startFastSink();
    const desk = await ground.openDesk(sink);
    await ground.startWorker();
    await desk.accept(400);
    await sink.mailbox.reached(20);
    const held = await holdStatement(ground.databaseUrl, {
      lock: 'select from mailroom.messages where project_id = $1 for update',
      values: [desk.project.id],
    });
    await held.reached();
    await pause(ground.isShort ? 4_000 : 12_000);
    await held.release();
    await desk.settled();
  },
};
