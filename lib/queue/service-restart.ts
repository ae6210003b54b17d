import { asWorker } from '#db/client.ts';
import { type Services, systemContext } from '#lib/context.ts';
import { returnToPrimary } from './return-to-primary.ts';
import { wakeLane } from './wake-lane.ts';

/**
 * Whether this worker's start was the restart of the whole service (PRODUCT 6.3): every earlier worker was cleanly
 * stopped, or has been silent since for a whole lease. One that still beats makes it a rolling restart or one crash.
 */
type RestartVerdict = 'whole' | 'partial' | 'unknown';

/** Decides once, soon after a worker's start, and then brings every project back to its primary. */
export class ServiceRestart {
  readonly #services: Services;
  readonly #workerId: string;
  #isDecided = false;

  constructor(services: Services, workerId: string) {
    this.#services = services;
    this.#workerId = workerId;
  }

  /**
   * Called by a timer. `wasUnbroken`: this worker's own beats have been unbroken for a lease; after an outage of the
   * database everybody looks silent.
   */
  async look(wasUnbroken: boolean): Promise<void> {
    if (this.#isDecided) return;
    const verdict = await this.#judge(wasUnbroken);
    if (verdict === 'whole') await this.#returnAll();
    this.#isDecided = verdict !== 'unknown';
  }

  async #judge(wasUnbroken: boolean): Promise<RestartVerdict> {
    const { rows } = await asWorker(this.#services.database, (tx) =>
      tx.query<{ silent: number; alive: number }>(
        `select count(*) filter (where w.stopped_at is null and w.lost_at is null)::int as silent,
           count(*) filter (where greatest(w.beat_at, w.stopped_at) > me.started_at)::int as alive
         from mailroom.workers me
         join mailroom.workers w on (w.started_at, w.id) < (me.started_at, me.id)
           and (w.lost_at is null or w.lost_at > me.started_at)
         where me.id = $1`,
        [this.#workerId],
      ),
    );
    const [earlier] = rows;
    if (earlier === undefined || earlier.alive > 0) return 'partial';
    return earlier.silent === 0 || wasUnbroken ? 'whole' : 'unknown';
  }

  async #returnAll(): Promise<void> {
    const { database, log } = this.#services;
    const { rows } = await asWorker(database, (tx) =>
      tx.query<{ id: string; organization_id: string; lane_id: string }>(
        `select p.id, p.organization_id, p.lane_id from mailroom.lanes l join mailroom.projects p on p.lane_id = l.id
         where l.alternate_since is not null order by l.id`,
      ),
    );
    for (const { id, organization_id: organizationId, lane_id: laneId } of rows) {
      const ctx = systemContext(this.#services, { organizationId });
      await asWorker(database, (tx) => returnToPrimary(tx, ctx, { id, laneId }, 'service_restarted'));
      wakeLane(database, laneId);
    }
    if (rows.length > 0) log.info({ projects: rows.length }, 'back to the primary servers after a restart');
  }
}
