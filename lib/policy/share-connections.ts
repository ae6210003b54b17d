/** One lane's stand at a pool's connections. */
export interface ConnectionStand {
  readonly laneKey: string;
  readonly held: number;
  readonly wanted: number;
  /** Since when it waits while it holds none, or has held what it holds. */
  readonly sinceMs: number;
}

/** So long may a lane keep its connections while another has none. */
export const connectionSliceMs = 2_000;

/**
 * How many connections this lane may have of `limit`, given how all lanes of the pool stand. Those that others hold are
 * never given twice. Where they do not reach for all, each gets an equal part, at least one; with more lanes than
 * connections they take turns, who waits longest first. Pure.
 */
export function shareConnections(
  own: ConnectionStand,
  others: readonly ConnectionStand[],
  limit: number,
  nowMs: number,
): number {
  const free = Math.max(0, limit - others.reduce((sum, { held }) => sum + held, 0));
  const waiting = others.filter(({ held, wanted }) => held === 0 && wanted > 0);
  const claimants = 1 + others.filter(({ held, wanted }) => held > 0 || wanted > 0).length;
  const fair = Math.max(1, Math.floor(limit / claimants));
  const isShort = others.some(({ held, wanted }) => wanted > held && held < fair);
  const most = Math.min(own.wanted, free, isShort ? fair : limit);
  if (own.held === 0) {
    const before = waiting.filter(
      ({ sinceMs, laneKey }) => sinceMs < own.sinceMs || (sinceMs === own.sinceMs && laneKey < own.laneKey),
    );
    return Math.max(0, Math.min(most, free - before.length));
  }
  const isOver = waiting.length > 0 && claimants > limit && nowMs - own.sinceMs >= connectionSliceMs;
  return isOver ? 0 : most;
}
