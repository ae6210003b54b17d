import { type RunningWorker, runWorker } from '#lib/queue/run-worker.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import type { OutgoingMail, SendOutcome, Transport } from '#lib/transports/contract.ts';
import { graphileNoOpRate } from '../baselines/graphile-no-op.ts';
import type { BenchRow } from '../row.ts';
import { type CpuUse, readCpu } from '../support/cpu.ts';
import { type Scene, acceptMails, openScene, untilSettled } from '../support/scene.ts';

// Enough that starting does not weigh.
const mailCount = 40_000;
const mailBytes = 1_024;
const connections = 50;

export const nullTransportRow: BenchRow = {
  name: 'null_transport',
  unit: 'ratio',
  title: `drain of ${mailCount} mails through a transport that takes them at once against graphile-worker's batched no-op jobs`,
  floor: 0.5,
  goal: 1,
  bound: 'least',
  run: async (pairs) => {
    const scene = await openScene({ sinkPort: 9, connections });
    const sink = nullTransport();
    const worker = await runWorker(scene.ctx, {
      buildTransport: () => sink.transport,
      maxSends: connections,
    });
    const values: number[] = [];
    const rates: string[] = [];
    const costs: string[] = [];
    let wrong = 0;
    // The first pair warms up both sides and is left out.
    for (let pair = 0; pair <= pairs; pair += 1) {
      const bare = await graphileNoOpRate(scene.server.address, mailCount);
      const ours = await drain(scene, worker, sink);
      wrong += Math.abs(mailCount - sink.distinct());
      if (pair === 0) continue;
      values.push(ours.rate / bare);
      rates.push(`${Math.round(ours.rate)}/${Math.round(bare)}`);
      costs.push(`${Math.round(ours.cpu.ownUs / mailCount)}+${Math.round(ours.cpu.postgresUs / mailCount)}`);
    }
    await worker.stop();
    await scene.stop();
    return {
      values,
      void: wrong === 0 ? null : `${wrong} mails lost or repeated`,
      notes: [
        `mails and jobs a second: ${rates.join('  ')}`,
        `µs of CPU per mail, worker+Postgres: ${costs.join('  ')}`,
      ],
    };
  },
};

interface NullSink {
  readonly transport: Transport;
  /** Counts anew; resolves when so many mails were handed over. */
  awaitMails(count: number): Promise<void>;
  distinct(): number;
}

/** A transport that keeps every promise of the contract and takes each mail at once. */
function nullTransport(): NullSink {
  const taken = new Set<string>();
  let awaited = Number.POSITIVE_INFINITY;
  let reached: (() => void) | null = null;
  return {
    awaitMails: (count) => {
      taken.clear();
      awaited = count;
      return new Promise((resolve) => {
        reached = resolve;
      });
    },
    distinct: () => taken.size,
    transport: {
      async send(mail: OutgoingMail): Promise<SendOutcome> {
        if (!(await mail.mayStart()) || !mail.mayFinish()) return { kind: 'withheld' };
        taken.add(mail.messageId);
        if (taken.size === awaited) reached?.();
        return {
          kind: 'accepted',
          serverId: null,
          reply: null,
          perRecipient: mail.envelope.to.map((address) => ({ kind: 'accepted', address, reply: null })),
        };
      },
      probe: () => Promise.resolve({ ok: true }),
      close: () => Promise.resolve(),
    },
  };
}

async function drain(
  scene: Scene,
  worker: RunningWorker,
  sink: NullSink,
): Promise<{ rate: number; cpu: CpuUse }> {
  const { ctx, project, server } = scene;
  await pauseSending(ctx, { project: project.slug });
  await acceptMails(scene, mailCount, mailBytes);
  await server.database.pool.query('checkpoint');
  const arrived = sink.awaitMails(mailCount);
  const before = await readCpu(server.database);
  const startedMs = performance.now();
  const { laneId } = await resumeSending(ctx, { project: project.slug });
  worker.wake(laneId);
  await arrived;
  // A job counts when it is done in the database; so does a mail.
  await untilSettled(scene);
  const rate = (mailCount / (performance.now() - startedMs)) * 1000;
  const after = await readCpu(server.database);
  return {
    rate,
    cpu: { ownUs: after.ownUs - before.ownUs, postgresUs: after.postgresUs - before.postgresUs },
  };
}
