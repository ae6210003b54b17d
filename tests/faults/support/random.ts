import { createHash } from 'node:crypto';

/** Chance that comes out the same for the same seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
  /** So many of these, each about equally often, in an order of chance. */
  deal<T>(choices: readonly T[], count: number): readonly T[];
}

/** Mulberry32 over a hash of the words: small, quick and good enough to choose what breaks when. */
export function seededRandom(...words: readonly (string | number)[]): Random {
  let state = createHash('sha256').update(words.join('/')).digest().readUInt32LE(0);
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
    deal(choices, count) {
      const left = Array.from({ length: Math.ceil(count / choices.length) }, () => choices)
        .flat()
        .slice(0, count);
      return Array.from({ length: count }, () => left.splice(below(left.length), 1)).flat();
    },
  };
}
