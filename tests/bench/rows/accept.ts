import { paths } from '#lib/paths.ts';
import { bareInsertRate, unnestInsertRate } from '../baselines/bare-insert.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { apiCaller, startPortal } from '../support/portal.ts';
import { type Scene, benchMail, openScene } from '../support/scene.ts';

const clients = 16;
const mailBytes = 5_120;
const batchSize = 50;

export const acceptRow: BenchRow = {
  name: 'accept',
  unit: 'ratio',
  title: `one mail per call through HTTP at ${clients} clients against a bare parametrised INSERT of the same bytes`,
  floor: 0.15,
  goal: 0.35,
  bound: 'least',
  run: (pairs) => measure(pairs, { mails: 4_000, perCall: 1, bare: bareInsertRate }),
};

export const acceptBatchRow: BenchRow = {
  name: 'accept_batch',
  unit: 'ratio',
  title: `batches of ${batchSize} through HTTP against one unnest INSERT of ${batchSize}`,
  floor: 0.3,
  goal: 0.6,
  bound: 'least',
  run: (pairs) =>
    measure(pairs, {
      mails: 20_000,
      perCall: batchSize,
      bare: (address, count, bytes) => unnestInsertRate(address, count, bytes, batchSize),
    }),
};

interface Measure {
  readonly mails: number;
  readonly perCall: number;
  readonly bare: (address: string, count: number, bytes: number) => Promise<number>;
}

async function measure(pairs: number, { mails, perCall, bare }: Measure): Promise<RowResult> {
  // No worker runs, so the sink's port is never spoken to.
  const scene = await openScene({ sinkPort: 9, connections: 1 });
  const portal = await startPortal(scene);
  const values: number[] = [];
  const rates: string[] = [];
  let missing = 0;
  // The first pair warms up both sides and is left out.
  for (let pair = 0; pair <= pairs; pair += 1) {
    const bareRate = await bare(scene.server.address, mails, mailBytes);
    const ours = await acceptThroughHttp(scene, portal.port, mails, perCall);
    missing += ours.missing;
    if (pair === 0) continue;
    values.push(ours.rate / bareRate);
    rates.push(`${Math.round(ours.rate)}/${Math.round(bareRate)}`);
  }
  await portal.stop();
  await scene.stop();
  return {
    values,
    void: missing === 0 ? null : `${missing} mails were answered 202 and are not stored`,
    notes: [`mails a second, accepted/inserted: ${rates.join('  ')}`],
  };
}

async function acceptThroughHttp(scene: Scene, port: number, mails: number, perCall: number) {
  const caller = apiCaller(port, scene.token, clients);
  const before = await storedMails(scene);
  const path =
    perCall === 1 ? paths.api.messages(scene.project.slug) : paths.api.messageBatch(scene.project.slug);
  const body = Buffer.from(JSON.stringify(bodyOf(perCall)));
  const expected = perCall === 1 ? 202 : 200;
  let begun = 0;
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (begun < mails) {
        begun += perCall;
        const { status, answer } = await caller.post(path, body);
        if (status !== expected) throw new Error(`Accepting answered ${status}: ${JSON.stringify(answer)}`);
      }
    }),
  );
  const rate = (begun / (performance.now() - startedMs)) * 1000;
  caller.close();
  return { rate, missing: begun - ((await storedMails(scene)) - before) };
}

function bodyOf(perCall: number): unknown {
  if (perCall === 1) return benchMail(0, mailBytes);
  return { messages: Array.from({ length: perCall }, (_, index) => benchMail(index, mailBytes)) };
}

async function storedMails({ server }: Scene): Promise<number> {
  const { rows } = await server.database.pool.query<{ count: number }>(
    'select count(*)::int as count from mailroom.messages',
  );
  return rows[0]?.count ?? 0;
}
