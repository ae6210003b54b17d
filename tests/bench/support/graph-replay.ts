import { randomBytes } from 'node:crypto';
import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { OutgoingMail } from '#lib/transports/contract.ts';
import { acceptBatch } from '#lib/messages/accept-batch.ts';
import { runWorker, type RunningWorker } from '#lib/queue/run-worker.ts';
import { pauseSending } from '#lib/settings/pause-sending.ts';
import { resumeSending } from '#lib/settings/resume-sending.ts';
import type { TokenSource } from '#lib/transports/supplies.ts';
import { createGraphTransport } from '#lib/transports/graph/transport.ts';
import { graphOptions } from '#tests/servers/graph/options.ts';
import { testMail } from '#tests/servers/smtp/options.ts';
import { imageBytes, plainBytes, type GraphLoad, type LoadResult } from './graph-load.ts';
import { graphMailbox as mailbox, type GraphPlace, useGraph } from './graph-settings.ts';
import { textOf } from './mail.ts';
import { startProgram } from './program.ts';
import { epochMs } from './sink.ts';
import { openScene, untilSettled, type Scene } from './scene.ts';

export interface ReplayResult extends LoadResult {
  /** Answers 429. */
  readonly throttled: number;
  readonly requests: number;
  /** Tokens that were fetched. */
  readonly tokens: number;
  /** Of the machine, over the last minute of the replay. */
  readonly machineLoad: number;
  /** Null when every mail arrived once. */
  readonly wrong: string | null;
}

const arrivals = z.object({
  deliveries: z.array(z.object({ to: z.string(), atMs: z.number() })),
  throttled: z.number(),
  requests: z.number(),
  tokens: z.number(),
});

const token = 'bench';
const tokens: TokenSource = { accessToken: () => Promise.resolve({ kind: 'token', token }) };
const image = randomBytes(imageBytes).toString('base64');

/** The load through the whole product: accepted into Postgres, drained by workers that share turns, sent to the simulator. */
export async function replayByUs(load: GraphLoad, workerCount: number): Promise<ReplayResult> {
  const scene = await openScene({ sinkPort: 9, connections: 4 });
  const simulator = await startSimulator(load);
  await useGraph(scene.ctx, scene.project.slug, simulator.place);
  const workers: RunningWorker[] = [];
  for (let count = 0; count < workerCount; count += 1) workers.push(await runWorker(scene.ctx));
  await pauseSending(scene.ctx, { project: scene.project.slug });
  const { laneId } = await resumeSending(scene.ctx, { project: scene.project.slug });
  const wake = (): void => workers.forEach((worker) => worker.wake(laneId));
  // The first mail opens connections and proves the server, as it did long ago for a project at work.
  await acceptBatch(scene.ctx, scene.project.slug, [callersMail(-1, 0)]);
  wake();
  await untilSettled(scene);
  const startedMs = simulator.restart();
  await feed(scene, load, { startedMs, wake });
  await untilSettled(scene);
  for (const worker of workers) await worker.stop();
  const result = await simulator.result(startedMs);
  await scene.stop();
  return { ...result, requests: result.requests - 1 };
}

/** A client without a gate: threads that take the next mail and, told to slow down, wait as long as asked. */
export async function replayByNaive(load: GraphLoad, threadCount = 12): Promise<ReplayResult> {
  const simulator = await startSimulator(load);
  const threads = Array.from({ length: threadCount }, () =>
    createGraphTransport(graphOptions(simulator.server, { mailbox, tokens })),
  );
  const startedMs = simulator.restart();
  const mails = load.mails.map((mail, index) => ({ ...mail, index }));
  await Promise.all(
    threads.map(async (transport) => {
      for (let mail = mails.shift(); mail !== undefined; mail = mails.shift()) {
        await pause(Math.max(0, mail.atMs / load.factor - (epochMs() - startedMs)));
        const outgoing = bareMail(mail.index, mail.imageCount);
        for (;;) {
          const outcome = await transport.send(outgoing, new AbortController().signal);
          if (outcome.kind !== 'throttled') break;
          await pause((outcome.retryAfterMs ?? 0) / load.factor);
        }
      }
    }),
  );
  const result = await simulator.result(startedMs);
  for (const transport of threads) await transport.close();
  return result;
}

interface Simulator {
  readonly place: GraphPlace;
  readonly server: Parameters<typeof graphOptions>[0];
  /** From now on the service times are those of the load; the instant in epoch ms. */
  restart(): number;
  /** What arrived since then; ends the simulator. */
  result(startedMs: number): Promise<ReplayResult>;
}

const placeSchema = z.object({
  endpoint: z.string(),
  authority: z.string(),
  signInHost: z.string(),
  tenant: z.string(),
  clientSecret: z.string(),
});

async function startSimulator(load: GraphLoad): Promise<Simulator> {
  const terms = { token, factor: load.factor, serviceMs: load.serviceMs };
  const program = startProgram('tests/bench/support/graph-simulator-program.ts', [JSON.stringify(terms)]);
  const place = placeSchema.parse(await program.next('listening'));
  const { endpoint, authority } = place;
  return {
    place,
    server: { endpoint, authority: { cert: authority, key: '' }, tokens: new Map() },
    restart: () => {
      program.tell('restart');
      return epochMs();
    },
    result: async (startedMs) => {
      program.tell('result');
      const arrived = arrivals.parse(await program.next('result'));
      await program.stop();
      return readResult(load, arrived, startedMs);
    },
  };
}

interface Feeding {
  readonly startedMs: number;
  readonly wake: () => void;
}

/** Hands each mail in at its time, those of the same moment together, as a busy product does. */
async function feed(scene: Scene, load: GraphLoad, { startedMs, wake }: Feeding): Promise<void> {
  const waiting = load.mails.map((mail, index) => ({ ...mail, index }));
  while (waiting.length > 0) {
    const nowMs = (epochMs() - startedMs) * load.factor;
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

function readResult(load: GraphLoad, arrived: z.infer<typeof arrivals>, startedMs: number): ReplayResult {
  const byIndex = new Map<number, number>();
  let repeated = 0;
  for (const { to, atMs } of arrived.deliveries) {
    const index = Number(/^reader(-?\d+)@/.exec(to)?.[1]);
    if (index < 0) continue;
    if (byIndex.has(index)) repeated += 1;
    byIndex.set(index, (atMs - startedMs) * load.factor);
  }
  const delays = load.mails.map(({ atMs }, index) => (byIndex.get(index) ?? Number.NaN) - atMs);
  const lost = load.mails.length - byIndex.size;
  return {
    worstMs: Math.max(...delays),
    drainMs: Math.max(...byIndex.values()),
    throttled: arrived.throttled,
    requests: arrived.requests,
    tokens: arrived.tokens,
    machineLoad: loadavg()[0] ?? 0,
    wrong: lost + repeated === 0 ? null : `${lost} mails lost, ${repeated} repeated`,
  };
}
