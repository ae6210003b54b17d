import type { BenchRow, RowResult } from '../row.ts';
import {
  flood,
  makeLoad,
  modelOf,
  steady,
  surge,
  type GraphLoad,
  type Images,
  type LoadResult,
} from '../support/graph-load.ts';
import { replayByNaive, replayByUs, type ReplayResult } from '../support/graph-replay.ts';

/** What users of today's products wait for the last mail of the third load (PRODUCT 9.1). */
const referenceMs = 600_000;

const readings: readonly Images[] = ['every third mail', 'three mails together'];

interface Pair {
  readonly load: GraphLoad;
  readonly workers: number;
  readonly ours: ReplayResult;
}

/** Both rows judge the same replays. */
const replayed: Promise<Pair>[] = [];

function pairOf(index: number): Promise<Pair> {
  return (replayed[index] ??= replay(index));
}

/** Both readings of the images, the first with one worker, the second with two. */
async function replay(index: number): Promise<Pair> {
  const load = makeLoad(
    'S3',
    { ...flood, meanMs: 3000, replayedMs: 2000 },
    readings[index % 2] ?? 'none',
    index + 1,
  );
  const workers = 1 + (index % 2);
  return { load, workers, ours: await replayByUs(load, workers) };
}

/** A pair takes five minutes: the less time is compressed, the less the machine's own milliseconds are blown up. */
const maxPairs = 2;

async function judgePairs(wanted: number, value: (pair: Pair) => number): Promise<RowResult> {
  const pairs: Pair[] = [];
  for (let index = 0; index < Math.min(wanted, maxPairs); index += 1) pairs.push(await pairOf(index));
  return {
    values: pairs.map((pair) => value(pair)),
    void: pairs.map(({ ours }) => voidOf(ours)).find((reason) => reason !== null) ?? null,
    notes: pairs.map(
      ({ load, workers, ours }) =>
        `${load.images}, ${workers} worker${workers === 1 ? '' : 's'}: last mail after ${seconds(ours)}, bound ${seconds(modelOf(load))}, ${ours.requests} requests, ${figuresOf(ours, load)}`,
    ),
  };
}

function voidOf(ours: ReplayResult): string | null {
  if (ours.wrong !== null) return ours.wrong;
  if (ours.throttled > 0) return `${ours.throttled} answers 429 of our own making`;
  // The issuer's tokens live an hour, longer than any replay.
  return ours.tokens === 1 ? null : `${ours.tokens} tokens fetched within the life of one`;
}

function figuresOf({ throttled, tokens, machineLoad }: ReplayResult, { mails }: GraphLoad): string {
  return (
    `${throttled} times 429 of our own making, ${tokens} token for ${mails.length} mails, ` +
    `machine load ${machineLoad.toFixed(1)}`
  );
}

export const graphS3Row: BenchRow = {
  name: 'graph_s3',
  unit: 'ratio',
  title:
    'worst delay of the third load of PRODUCT 9.1 (600 mails within a minute, 3 s a request, our reading) against 600 s',
  floor: 0.7,
  goal: 0.67,
  bound: 'most',
  run: (pairs) => judgePairs(pairs, ({ ours }) => ours.worstMs / referenceMs),
};

export const graphBoundRow: BenchRow = {
  name: 'graph_bound',
  unit: 'ratio',
  title: 'the same worst delay against a model with four slots that does nothing else',
  floor: 1.1,
  goal: 1.03,
  bound: 'most',
  run: (pairs) => judgePairs(pairs, ({ load, ours }) => ours.worstMs / modelOf(load).worstMs),
};

// A single mail of the first load is judged, so that its time is compressed the least.
const shapes = [
  { name: 'S1', shape: steady, meanMs: 2500, replayedMs: 1000, reference: '2–3 s, no delay' },
  { name: 'S2', shape: surge, meanMs: 3000, replayedMs: 500, reference: 'about 3 s' },
  { name: 'S3', shape: flood, meanMs: 3000, replayedMs: 500, reference: 'up to 600 s' },
] as const;

/** The first load must feel nothing of Mailroom; all loads are shown side by side. */
export const graphLoadsRow: BenchRow = {
  name: 'graph_loads',
  unit: 'ratio',
  title: 'worst delay of the first load against the model; below, the three loads of PRODUCT 9.1',
  floor: 1.1,
  goal: 1.03,
  bound: 'most',
  run: async () => {
    const values: number[] = [];
    const notes: string[] = [];
    let wrong: string | null = null;
    for (const { name, shape, meanMs, replayedMs, reference } of shapes) {
      for (const [images, serviceMs] of variantsOf(meanMs)) {
        const load = makeLoad(
          name,
          { ...shape, meanMs: serviceMs, replayedMs: serviceMs === meanMs ? replayedMs : 125 },
          images,
        );
        const model = modelOf(load);
        const ours = await replayByUs(load, 1);
        wrong ??= voidOf(ours);
        if (name === 'S1' && serviceMs === meanMs) values.push(ours.worstMs / model.worstMs);
        const naive = images === 'none' && serviceMs === meanMs ? await replayByNaive(load) : null;
        notes.push(lineOf({ name, images, serviceMs, reference, ours, load, model, naive }));
      }
    }
    return { values, void: wrong, notes };
  },
};

function variantsOf(meanMs: number): readonly (readonly [Images, number])[] {
  return [['none', meanMs], ...readings.map((images) => [images, meanMs] as const), ['none', 500]];
}

interface Line {
  readonly name: string;
  readonly images: Images;
  readonly serviceMs: number;
  readonly reference: string;
  readonly ours: ReplayResult;
  readonly load: GraphLoad;
  readonly model: LoadResult;
  readonly naive: ReplayResult | null;
}

function lineOf({ name, images, serviceMs, reference, ours, load, model, naive }: Line): string {
  const bare = naive === null ? '' : `, 12 threads ${seconds(naive)} with ${naive.throttled} times 429`;
  return (
    `${name} at ${serviceMs / 1000} s, images ${images}: worst ${seconds(ours)} (bound ${seconds(model)}${bare}; ` +
    `today ${serviceMs === 500 ? 'unknown' : reference}), drained in ${Math.round(ours.drainMs / 1000)} s, ${figuresOf(ours, load)}`
  );
}

function seconds({ worstMs }: LoadResult): string {
  return `${(worstMs / 1000).toFixed(1)} s`;
}
