import { createLaneWaker } from '#lib/queue/lane-waker.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import type { BenchRow } from '../row.ts';
import { voidReason } from './drain.ts';
import { acceptMails, openScene, untilSettled } from '../support/scene.ts';
import { startSink } from '../support/sink.ts';
import { startWorker } from '../support/worker.ts';

const mailCount = 50;
const mailBytes = 20_000_000;

export const memoryLargeRow: BenchRow = {
  name: 'memory_large',
  unit: 'MB',
  title: `peak memory of the worker with ${mailCount} mails of 20 MB`,
  floor: 400,
  goal: 400,
  bound: 'most',
  run: async () => {
    const sink = await startSink();
    const scene = await openScene({ sinkPort: sink.port, connections: 10 });
    const { ctx, project } = scene;
    await pauseSending(ctx, { project: project.slug });
    await acceptMails(scene, mailCount, mailBytes);
    const worker = await startWorker(scene);
    const waker = createLaneWaker(ctx.database);
    const arrived = sink.awaitMails(mailCount);
    const { laneId } = await resumeSending(ctx, { project: project.slug });
    waker.wake(laneId);
    await arrived;
    await untilSettled(scene);
    const peak = await worker.peakMemory();
    const { distinct, repeated } = await sink.counts();
    await waker.close();
    await worker.stop();
    await scene.stop();
    await sink.stop();
    return { values: [peak / 1e6], void: voidReason({ lost: mailCount - distinct, repeated }), notes: [] };
  },
};
