/** How mails carry inline images: every third carries ten, or three carry ten together (PRODUCT 9.1 can be read both ways). */
export type Images = 'none' | 'every third mail' | 'three mails together';

/** One of the loads of PRODUCT 9.1, in the time of the product that they were measured on. */
export interface GraphLoad {
  readonly name: string;
  readonly images: Images;
  readonly mails: readonly LoadMail[];
  /** How long Exchange works on each request, in the order in which requests come; drawn once, for every side. */
  readonly serviceMs: readonly number[];
  /** So many times faster it is replayed. */
  readonly factor: number;
}

export interface LoadMail {
  readonly atMs: number;
  readonly imageCount: number;
}

export const plainBytes = 30_000;
export const imageBytes = 20_000;

interface LoadShape {
  readonly count: number;
  readonly withinMs: number;
  readonly meanMs: number;
  /** How long such a request really takes in the replay: the product's own milliseconds are not compressed. */
  readonly replayedMs: number;
}

const minuteMs = 60_000;

/** 1,800 notifications an hour, of which two minutes are replayed. */
export const steady: Omit<LoadShape, 'meanMs' | 'replayedMs'> = { count: 60, withinMs: 2 * minuteMs };
export const surge: Omit<LoadShape, 'meanMs' | 'replayedMs'> = { count: 300, withinMs: minuteMs };
export const flood: Omit<LoadShape, 'meanMs' | 'replayedMs'> = { count: 600, withinMs: minuteMs };

/** Service times between 70 and 130 % of the mean, from a fixed seed. */
export function makeLoad(name: string, shape: LoadShape, images: Images, seed = 1): GraphLoad {
  const random = seeded(seed);
  return {
    name,
    images,
    mails: Array.from({ length: shape.count }, (_, index) => ({
      atMs: (index * shape.withinMs) / shape.count,
      imageCount: imagesOf(index, images),
    })),
    serviceMs: Array.from({ length: shape.count * 2 }, () => shape.meanMs * (0.7 + 0.6 * random())),
    factor: shape.meanMs / shape.replayedMs,
  };
}

function imagesOf(index: number, images: Images): number {
  if (images === 'every third mail') return index % 3 === 0 ? 10 : 0;
  // Three notifications of one mail carry its ten images between them.
  if (images === 'three mails together') return index % 3 === 0 ? 4 : 3;
  return 0;
}

/** Park and Miller's generator. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** What one side made of a load, in its own time. */
export interface LoadResult {
  /** From the arrival of a mail to Graph's yes, at the worst. */
  readonly worstMs: number;
  /** From the first arrival to the last yes. */
  readonly drainMs: number;
}

/** Four slots and nothing else: the first mail that came goes first into the first slot that is free. */
export function modelOf(load: GraphLoad, slotCount = 4): LoadResult {
  const freeAtMs = Array.from({ length: slotCount }, () => 0);
  let worstMs = 0;
  let drainMs = 0;
  for (const [index, { atMs }] of load.mails.entries()) {
    const earliestMs = Math.min(...freeAtMs);
    const doneMs = Math.max(atMs, earliestMs) + (load.serviceMs[index] ?? 0);
    freeAtMs[freeAtMs.indexOf(earliestMs)] = doneMs;
    worstMs = Math.max(worstMs, doneMs - atMs);
    drainMs = Math.max(drainMs, doneMs);
  }
  return { worstMs, drainMs };
}
