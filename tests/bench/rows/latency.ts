import { setTimeout as pause } from 'node:timers/promises';
import { paths } from '#lib/paths.ts';
import type { BenchRow } from '../row.ts';
import { apiCaller, startPortal } from '../support/portal.ts';
import { benchMail, openScene } from '../support/scene.ts';
import { epochMs, startSink } from '../support/sink.ts';
import { startWorker } from '../support/worker.ts';
import { median } from '../row.ts';

const mailsPerPair = 20;
// Longer than any batch or poll that a busier system would share.
const idleMs = 150;

export const latencyRow: BenchRow = {
  name: 'latency',
  unit: 'ms',
  title: "from the API's answer to the mail's arrival on an idle system, median",
  floor: 50,
  goal: 15,
  bound: 'most',
  run: async (pairs) => {
    const sink = await startSink();
    const scene = await openScene({ sinkPort: sink.port, connections: 5 });
    const portal = await startPortal(scene);
    const worker = await startWorker(scene);
    const caller = apiCaller(portal.port, scene.token, 1);
    sink.watch();
    const once = async (index: number): Promise<number> => {
      await pause(idleMs);
      const arrival = sink.nextArrival();
      const { status } = await caller.post(
        paths.api.messages(scene.project.slug),
        Buffer.from(JSON.stringify(benchMail(index, 5_120))),
      );
      const answeredMs = epochMs();
      if (status !== 202) throw new Error(`Accepting answered ${status}`);
      return (await arrival).atMs - answeredMs;
    };
    for (let warm = 0; warm < 10; warm += 1) await once(warm);
    const values: number[] = [];
    for (let pair = 0; pair < pairs; pair += 1) {
      const waits: number[] = [];
      for (let index = 0; index < mailsPerPair; index += 1) waits.push(await once(index));
      values.push(Math.max(0, median(waits)));
    }
    const { distinct, repeated, mails } = await sink.counts();
    caller.close();
    await portal.stop();
    await worker.stop();
    await scene.stop();
    await sink.stop();
    const isWhole = distinct === mails && repeated === 0 && mails === 10 + pairs * mailsPerPair;
    return { values, void: isWhole ? null : 'mails lost or repeated', notes: [] };
  },
};
