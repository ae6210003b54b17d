import { asWorker, type Database } from '#db/client.ts';
import type { Clock } from '#lib/clock.ts';
import { mendAfterStepBack } from './mend-after-step-back.ts';

/** The clocks of two machines drift apart by less between two looks. */
const leastStepMs = 3000;

interface Seen {
  /** The database's clock ahead of this process's own. */
  readonly aheadMs: number;
  /** The sum of the steps back that were noticed by then, by any worker. */
  readonly steppedMs: number;
}

/**
 * Notices that the database's clock was set while a worker runs: it goes ahead with this process's own clock, or has
 * stepped. The first look holds it against the last word of any worker, which may be later than now. A step back is
 * mended once, by whoever notices it first.
 */
export class ClockWatch {
  readonly #database: Database;
  readonly #clock: Clock;
  #seen: Seen | null = null;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** By how many ms it has stepped since the last look, back below 0; 0 when it has not. What follows is mended. */
  async look(): Promise<number> {
    const askedMs = this.#clock.monotonicMs();
    const { nowMs, lastMs, steppedMs } = await this.#read();
    const answeredMs = this.#clock.monotonicMs();
    const aheadMs = nowMs - answeredMs;
    const known = this.#seen;
    // A slow answer is no step: it was written somewhere between the question and now.
    const slackMs = answeredMs - askedMs;
    const stepMs =
      known === null ? Math.min(0, stepOf(nowMs - lastMs, 0)) : stepOf(aheadMs - known.aheadMs, slackMs);
    const mendedMs = known === null ? 0 : steppedMs - known.steppedMs;
    const backMs = Math.max(0, stepOf(Math.round(mendedMs - Math.min(0, stepMs)), slackMs));
    // Where another worker is quicker still, this is for nothing.
    if (stepMs < 0 && backMs > 0) await mendAfterStepBack(this.#database, { knownMs: steppedMs, backMs });
    this.#seen = { aheadMs, steppedMs: stepMs < 0 ? steppedMs - backMs : steppedMs };
    return stepMs;
  }

  /** What the database's clock shows now if it has not stepped since the last look, in ms since 1970. */
  get expectedMs(): number {
    return this.#clock.monotonicMs() + (this.#seen?.aheadMs ?? 0);
  }

  async #read(): Promise<{ nowMs: number; lastMs: number; steppedMs: number }> {
    const { rows } = await asWorker(this.#database, (tx) =>
      tx.query<{ now_ms: number; last_ms: number | null; stepped_ms: number | null }>(
        `select extract(epoch from mailroom.now())::float8 * 1000 as now_ms,
           (select extract(epoch from max(greatest(beat_at, stopped_at)))::float8 * 1000 from mailroom.workers) as last_ms,
           (select clock_stepped_ms from mailroom.installation) as stepped_ms`,
      ),
    );
    const nowMs = rows[0]?.now_ms ?? 0;
    return { nowMs, lastMs: rows[0]?.last_ms ?? nowMs, steppedMs: rows[0]?.stepped_ms ?? 0 };
  }
}

function stepOf(ms: number, slackMs: number): number {
  return Math.abs(ms) < leastStepMs || Math.abs(ms) <= slackMs ? 0 : ms;
}
