import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '#lib/clock.ts';
import type { OutgoingMail } from '#lib/transports/contract.ts';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { runWorker, type RunningWorker } from '#lib/queue/run-worker.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import { createGraphTransport } from '#lib/transports/graph/transport.ts';
import { createLocalSlots, graphOptions, knownTokens } from '#tests/servers/graph/options.ts';
import { startGraphServer, type GraphServer } from '#tests/servers/graph/server.ts';
import { testMail } from '#tests/servers/smtp/options.ts';
import { imageBytes, plainBytes, type GraphLoad, type LoadResult } from './graph-load.ts';
import { textOf } from './mail.ts';
import { openScene, untilSettled, type Scene } from './scene.ts';

export interface ReplayResult extends LoadResult {
  /** Answers 429. */
  readonly throttled: number;
  readonly requests: number;
  /** Null when every mail arrived once. */
  readonly wrong: string | null;
}

const mailbox = 'bench@example.com';
const image = randomBytes(imageBytes).toString('base64');

/** The load through the whole product: accepted into Postgres, drained by workers, sent to the simulator. */
export async function replayByUs(load: GraphLoad, workerCount: number): Promise<ReplayResult> {
  const scene = await openScene({ sinkPort: 9, connections: 4 });
  const clock = fastClock(load.factor);
  const server = await startSimulator(load, clock);
  const slots = createLocalSlots(4);
  const tokens = knownTokens(server, { mailbox });
  const buildTransport = () => createGraphTransport(graphOptions(server, { mailbox, slots, tokens }));
  const workers: RunningWorker[] = [];
  for (let count = 0; count < workerCount; count += 1) {
    workers.push(await runWorker(scene.ctx, { buildTransport }));
  }
  await pauseSending(scene.ctx, { project: scene.project.slug });
  const { laneId } = await resumeSending(scene.ctx, { project: scene.project.slug });
  const wake = (): void => workers.forEach((worker) => worker.wake(laneId));
  // The first mail opens connections and proves the server, as it did long ago for a project at work.
  await acceptBatch(scene.ctx, scene.project.slug, [callersMail(-1, 0)]);
  wake();
  await untilSettled(scene);
  const before = server.requests.length;
  const startedMs = clock.monotonicMs();
  await feed(scene, load, { clock, wake });
  await untilSettled(scene);
  for (const worker of workers) await worker.stop();
  const result = readResult(load, server, startedMs, before);
  await server.close();
  await scene.stop();
  return result;
}

/** A client without a gate: twelve threads that take the next mail and, told to slow down, wait as long as asked. */
export async function replayByNaive(load: GraphLoad): Promise<ReplayResult> {
  const clock = fastClock(load.factor);
  const server = await startSimulator(load, clock);
  const tokens = knownTokens(server, { mailbox });
  const threads = Array.from({ length: 12 }, () =>
    createGraphTransport(graphOptions(server, { mailbox, tokens })),
  );
  const startedMs = clock.monotonicMs();
  const mails = load.mails.map((mail, index) => ({ ...mail, index }));
  await Promise.all(
    threads.map(async (transport) => {
      for (let mail = mails.shift(); mail !== undefined; mail = mails.shift()) {
        await pause(Math.max(0, (mail.atMs - (clock.monotonicMs() - startedMs)) / load.factor));
        const outgoing = bareMail(mail.index, mail.imageCount);
        for (;;) {
          const outcome = await transport.send(outgoing, new AbortController().signal);
          if (outcome.kind !== 'throttled') break;
          await pause((outcome.retryAfterMs ?? 0) / load.factor);
        }
      }
    }),
  );
  const result = readResult(load, server, startedMs, 0);
  for (const transport of threads) await transport.close();
  await server.close();
  return result;
}

function fastClock(factor: number): Clock {
  return { now: () => new Date(), monotonicMs: () => performance.now() * factor };
}

/** Microsoft does not say how long a throttled request is told to wait; ten seconds are what its pages show. */
async function startSimulator(load: GraphLoad, clock: Clock): Promise<GraphServer> {
  let next = 0;
  return startGraphServer({
    mailboxes: [mailbox],
    clock,
    switches: {
      retryAfterSeconds: 10,
      serviceMs: () => (load.serviceMs[next++ % load.serviceMs.length] ?? 0) / load.factor,
    },
  });
}

interface Feeding {
  readonly clock: Clock;
  readonly wake: () => void;
}

/** Hands each mail in at its time, those of the same moment together, as a busy product does. */
async function feed(scene: Scene, load: GraphLoad, { clock, wake }: Feeding): Promise<void> {
  const startedMs = clock.monotonicMs();
  const waiting = load.mails.map((mail, index) => ({ ...mail, index }));
  while (waiting.length > 0) {
    const nowMs = clock.monotonicMs() - startedMs;
    const due = waiting.filter(({ atMs }) => atMs <= nowMs).length;
    const batch = waiting.splice(0, due).map(({ index, imageCount }) => callersMail(index, imageCount));
    if (batch.length > 0) {
      await acceptBatch(scene.ctx, scene.project.slug, batch);
      wake();
    }
    await pause(5);
  }
}

function callersMail(index: number, imageCount: number): Readonly<Record<string, unknown>> {
  const shown = Array.from({ length: imageCount }, (_, count) => `<img src="cid:i${count}">`).join('');
  return {
    to: `reader${index}@example.net`,
    subject: `Bench mail ${index}`,
    html: `<pre>${textOf(plainBytes)}</pre>${shown}`,
    attachments: Array.from({ length: imageCount }, (_, count) => ({
      filename: `i${count}.png`,
      contentType: 'image/png',
      content: image,
      contentId: `i${count}`,
    })),
  };
}

function bareMail(index: number, imageCount: number): OutgoingMail {
  const to = `reader${index}@example.net`;
  const text = textOf(plainBytes + Math.ceil((imageCount * imageBytes * 4) / 3));
  const head = `From: ${mailbox}\r\nTo: ${to}\r\nMessage-ID: <bare-${index}@example.com>\r\nSubject: Bench mail ${index}\r\n`;
  return testMail({ envelope: { from: mailbox, to: [to] } }, `${head}\r\n${text}\r\n`);
}

function readResult(
  load: GraphLoad,
  server: GraphServer,
  startedMs: number,
  requestsBefore: number,
): ReplayResult {
  const arrivals = new Map<number, number>();
  let repeated = 0;
  for (const { to, atMs } of server.deliveries) {
    const index = Number(/^reader(-?\d+)@/.exec(to[0] ?? '')?.[1]);
    if (index < 0) continue;
    if (arrivals.has(index)) repeated += 1;
    arrivals.set(index, atMs - startedMs);
  }
  const delays = load.mails.map(({ atMs }, index) => (arrivals.get(index) ?? Number.NaN) - atMs);
  const lost = load.mails.length - arrivals.size;
  return {
    worstMs: Math.max(...delays),
    drainMs: Math.max(...arrivals.values()),
    throttled: server.throttle.refused,
    requests: server.requests.length - requestsBefore,
    wrong: lost + repeated === 0 ? null : `${lost} mails lost, ${repeated} repeated`,
  };
}
