import { setTimeout as pause } from 'node:timers/promises';
import { saveAutoResume } from '#lib/limits/save-auto-resume.ts';
import { saveLimit } from '#lib/limits/save-limit.ts';
import type { BenchRow, RowResult } from '../row.ts';
import { acceptMails, openScene, type Scene } from '../support/scene.ts';
import { startSink } from '../support/sink.ts';
import { startWorker } from '../support/worker.ts';

const mails = 200;
const mailBytes = 2_048;

export const autoResumeRow: BenchRow = {
  name: 'auto_resume',
  unit: 'ms',
  title: `from the raise of a spent limit to the release of the last of ${mails} held mails, by the database's clock`,
  floor: 5_000,
  goal: 1_500,
  bound: 'most',
  run: measure,
};

async function measure(pairs: number): Promise<RowResult> {
  const sink = await startSink();
  const scene = await openScene({ sinkPort: sink.port, connections: 5 });
  await saveAutoResume(scene.ctx, { project: scene.project.slug, autoResume: true, threshold: null });
  const worker = await startWorker(scene);
  // One mail spends the first limit; all that follow find it spent.
  await changeLimit(scene, null, 1);
  await acceptMails(scene, 1, mailBytes);
  await until(scene, `select count(*) = 1 as is_so from mailroom.messages where state = 'sent'`);
  const values: number[] = [];
  let limit = 1;
  // The first pair warms up and is left out.
  for (let pair = 0; pair <= pairs; pair += 1) {
    await acceptMails(scene, mails, mailBytes);
    await changeLimit(scene, limit, limit + mails);
    limit += mails;
    await until(scene, `select count(*) = ${limit} as is_so from mailroom.messages where state = 'sent'`);
    if (pair > 0) values.push(await delayMs(scene));
  }
  const { distinct, repeated } = await sink.counts();
  await worker.stop();
  await scene.stop();
  await sink.stop();
  return {
    values,
    void: distinct === limit && repeated === 0 ? null : `${distinct} of ${limit} mails, ${repeated} repeated`,
    notes: [],
  };
}

async function changeLimit({ ctx }: Scene, from: number | null, to: number): Promise<void> {
  await saveLimit(ctx, {
    scope: 'smtp',
    mailsPerDay: to,
    expected: { mailsPerDay: from, recipientsPerMail: null, highReserve: 0 },
  });
}

async function delayMs({ server }: Scene): Promise<number> {
  const { rows } = await server.database.pool.query<{ ms: number }>(
    `select extract(epoch from (select max(at) from mailroom.shared_events where kind = 'auto_resumed')
       - (select max(raised_at) from mailroom.limit_scopes))::float8 * 1000 as ms`,
  );
  return rows[0]?.ms ?? Infinity;
}

async function until({ server }: Scene, question: string): Promise<void> {
  for (;;) {
    const { rows } = await server.database.pool.query<{ is_so: boolean }>(question);
    if (rows[0]?.is_so === true) return;
    await pause(20);
  }
}
