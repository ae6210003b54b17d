import net from 'node:net';
import { once } from 'node:events';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { defaultSmtpDeadlines } from '#lib/transports/smtp/settings.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { acceptMails, openScene, type Scene, untilSettled } from '../support/scene.ts';
import { epochMs, type Sink, startSink } from '../support/sink.ts';
import { startWorker } from '../support/worker.ts';

const mailBytes = 1_024;
/** Mails of which the rate is taken, on either server, once its connections are warm. */
const warmCount = 2_000;
const ratedCount = 6_000;
const restCount = 2_000;
const mailCount = 2 * (warmCount + ratedCount) + restCount;
const connections = 10;

interface Failover {
  /** From the primary going dark to the first mail over the alternate, in connect time-outs. */
  readonly timeouts: number;
  readonly rateBefore: number;
  readonly rateAfter: number;
  readonly wrong: number;
}

const title = 'the primary of a draining project goes dark (no answer, no new connection)';

export const failoverRow: BenchRow = {
  name: 'failover',
  unit: 'time-outs',
  title: `${title}: until the first mail over the alternate, in connect time-outs of ${defaultSmtpDeadlines.connectMs / 1000} s`,
  floor: 2,
  goal: 1.6,
  bound: 'most',
  run: (pairs) => resultOf(pairs, ({ timeouts }) => timeouts),
};

export const failoverRateRow: BenchRow = {
  name: 'failover_rate',
  unit: 'ratio',
  title: `${title}: the rate over the alternate against the rate before`,
  floor: 0.9,
  goal: 1,
  bound: 'least',
  run: (pairs) => resultOf(pairs, ({ rateBefore, rateAfter }) => rateAfter / rateBefore),
};

// One measurement is good for both rows.
let measured: { readonly pairs: number; readonly failovers: Promise<readonly Failover[]> } | null = null;

async function resultOf(pairs: number, value: (failover: Failover) => number): Promise<RowResult> {
  if (measured?.pairs !== pairs) measured = { pairs, failovers: measure(pairs) };
  const failovers = await measured.failovers;
  const wrong = failovers.reduce((sum, each) => sum + each.wrong, 0);
  const rates = failovers.map(
    ({ rateBefore, rateAfter }) => `${Math.round(rateBefore)}/${Math.round(rateAfter)}`,
  );
  return {
    values: failovers.map(value),
    void: wrong === 0 ? null : `${wrong} mails lost or repeated`,
    notes: [
      `mails a second before and after: ${rates.join('  ')}`,
      `seconds until the first mail: ${failovers.map(({ timeouts }) => ((timeouts * defaultSmtpDeadlines.connectMs) / 1000).toFixed(1)).join('  ')}`,
    ],
  };
}

async function measure(pairs: number): Promise<readonly Failover[]> {
  const failovers: Failover[] = [];
  for (let pair = 0; pair < pairs; pair += 1) failovers.push(await failOver());
  return failovers;
}

async function failOver(): Promise<Failover> {
  const [primary, alternate] = [await startSink(), await startSink()];
  const scene = await openScene({ sinkPort: primary.port, alternatePort: alternate.port, connections });
  const worker = await startWorker(scene);
  try {
    await pauseSending(scene.ctx, { project: scene.project.slug });
    await acceptMails(scene, mailCount, mailBytes);
    const warm = primary.awaitMails(warmCount);
    await resumeSending(scene.ctx, { project: scene.project.slug });
    const rateBefore = await rateFrom(await warm, primary);
    const blocked = await goDark(primary);
    const darkMs = epochMs();
    const first = await firstArrival(alternate);
    const rateAfter = await rateFrom(await alternate.awaitMails(warmCount), alternate);
    process.kill(primary.pid, 'SIGCONT');
    for (const socket of blocked) socket.destroy();
    await untilSettled(scene);
    const wrong = await countWrong(scene, primary, alternate);
    return { timeouts: (first - darkMs) / defaultSmtpDeadlines.connectMs, rateBefore, rateAfter, wrong };
  } finally {
    await worker.stop();
    await primary.stop();
    await alternate.stop();
    await scene.stop();
  }
}

async function rateFrom(startMs: number, sink: Sink): Promise<number> {
  return (ratedCount / ((await sink.awaitMails(ratedCount)) - startMs)) * 1000;
}

/** The instant of the first mail at a sink that has had none. */
async function firstArrival(sink: Sink): Promise<number> {
  return sink.awaitMails(1);
}

/**
 * Stops the process of the sink, and fills the queue of connections that its kernel would still take: from then on it
 * answers nothing and a connect to it ends by its own time-out.
 */
async function goDark(sink: Sink): Promise<readonly net.Socket[]> {
  process.kill(sink.pid, 'SIGSTOP');
  const sockets: net.Socket[] = [];
  for (;;) {
    const socket = net.connect(sink.port, '127.0.0.1');
    socket.on('error', () => undefined);
    sockets.push(socket);
    const isTaken = await Promise.race([
      once(socket, 'connect').then(() => true),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), 250)),
    ]);
    if (!isTaken) return sockets;
  }
}

/** Mails that the project has not sent once each, by its own count and by what the sinks have. */
async function countWrong({ server }: Scene, ...sinks: readonly Sink[]): Promise<number> {
  const { rows } = await server.database.pool.query<{ sent: number; repeats: number }>(
    `select count(*) filter (where state = 'sent')::int as sent, coalesce(sum(repeat_count), 0)::int as repeats
     from mailroom.messages`,
  );
  const repeated = await Promise.all(sinks.map(async (sink) => (await sink.counts()).repeated));
  const { sent, repeats } = rows[0] ?? { sent: 0, repeats: 0 };
  return mailCount - sent + repeats + repeated.reduce((sum, each) => sum + each, 0);
}
