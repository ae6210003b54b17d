import { listHeld } from '#lib/backlog/list-held.ts';
import type { Context } from '#lib/context.ts';
import { benchContext } from '../support/context.ts';
import { startBenchDatabase } from '../support/database.ts';
import { fillHeld, makeHeldScene } from '../support/held.ts';
import { type BenchRow, median, type RowResult } from '../row.ts';

const few = 1_000;
const many = 1_000_000;
const looks = 60;

export const backlogPagesRow: BenchRow = {
  name: 'backlog_pages',
  unit: 'ratio',
  title: `p95 of the first page, a filtered page and a search of the backlog, at ${many} held mails against ${few}`,
  floor: 2,
  goal: 1.3,
  bound: 'most',
  run: measure,
};

type Query = Omit<Parameters<typeof listHeld>[1], 'project'>;

interface Look {
  readonly name: string;
  /** The query of one look: others for others, so that nothing is answered from what was just read. */
  readonly query: (look: number, mails: number) => Query;
}

const kinds: readonly Look[] = [
  { name: 'first page', query: () => ({}) },
  {
    name: 'filtered page',
    query: (look) => ({ filters: { category: `c${look % 5}`, reason: ['day_limit'] } }),
  },
  { name: 'largest first', query: () => ({ sort: 'size', descending: true }) },
  {
    name: 'rare reason, largest first',
    query: () => ({ filters: { reason: ['flood'] }, sort: 'size', descending: true }),
  },
  // Numbers that no longer one begins with: each finds one mail.
  {
    name: 'number in a subject',
    query: (look, mails) => ({ filters: { search: `SD-${mails - 99 + look}` } }),
  },
  { name: 'common word', query: () => ({ filters: { search: 'invoice' } }) },
  { name: 'recipient', query: (look) => ({ filters: { search: `Reader${100 + look}@example.net` } }) },
];

async function measure(pairs: number): Promise<RowResult> {
  const server = await startBenchDatabase({ shared_buffers: '512MB' });
  const small = await makeHeldScene(server.database, 'few');
  const large = await makeHeldScene(server.database, 'many');
  await fillHeld(server.database, small, few);
  await fillHeld(server.database, large, many);
  await server.database.pool.query('vacuum analyze');
  const values: number[] = [];
  const notes = new Map<string, string[]>();
  // The first pair warms up both sides and is left out.
  for (let pair = 0; pair <= pairs; pair += 1) {
    const ratios: number[] = [];
    for (const kind of kinds) {
      const [fewMs, manyMs] = await timeBoth(kind, [
        { ctx: benchContext(server.database, small.organizationId), project: small.project.slug },
        { ctx: benchContext(server.database, large.organizationId), project: large.project.slug },
      ]);
      ratios.push(manyMs / fewMs);
      if (pair > 0)
        notes.set(kind.name, [...(notes.get(kind.name) ?? []), `${manyMs.toFixed(1)}/${fewMs.toFixed(1)}`]);
    }
    // The worst of them is what an operator meets.
    if (pair > 0) values.push(Math.max(...ratios));
  }
  await server.stop();
  return {
    values,
    void: null,
    notes: [...notes].map(([name, each]) => `${name}, p95 in ms at many/few: ${each.join('  ')}`),
  };
}

interface Desk {
  readonly ctx: Context;
  readonly project: string;
}

/** In turn, so that both sides meet the same machine. */
async function timeBoth(kind: Look, desks: readonly [Desk, Desk]): Promise<readonly [number, number]> {
  const times: [number[], number[]] = [[], []];
  for (let look = 0; look < looks; look += 1) {
    for (const side of [0, 1] as const) {
      const { ctx, project } = desks[side];
      const startedMs = performance.now();
      await listHeld(ctx, { project, ...kind.query(look, side === 0 ? few : many) });
      times[side].push(performance.now() - startedMs);
    }
  }
  return [p95(times[0]), p95(times[1])];
}

function p95(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? median(times);
}
