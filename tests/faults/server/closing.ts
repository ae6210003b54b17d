import { replyAndDrop, usual, type HostileStage } from '#tests/servers/smtp/hostile-script.ts';
import type { Fault } from '../fault.ts';

const stages: readonly HostileStage[] = ['greeting', 'mail', 'rcpt', 'data', 'endOfData'];

/** Facts, fault 13. */
export const closing421: Fault = {
  name: 'closing-421',
  title: 'the server says 421 and hangs up at its greeting, MAIL, RCPT, DATA and the final dot, twice each',
  needs: 'desk',
  run: async (ground) => {
    await Promise.all(
      stages.map(async (stage) => {
        const sink = await ground.startSink({
          reactions: {
            [stage]: (_line: string, times: number) =>
              times <= 2 ? replyAndDrop('421 4.3.0 closing for now') : usual,
          },
        });
        const desk = await ground.openDesk(sink);
        await desk.accept(10);
        await desk.settled();
      }),
    );
  },
};
