import { asWorker } from '#db/client.ts';
import { type Services, systemContext } from '#lib/context.ts';
import { DomainError } from '#lib/errors.ts';
import { primaryProbeGapMs } from '#lib/policy/failover.ts';
import { openMailSettings } from '#lib/settings/open-mail-settings.ts';
import { transportOptions } from '#lib/settings/transport-options.ts';
import { transportSupplies } from '#lib/settings/transport-supplies.ts';
import { createGraphSlots } from '#lib/graph-slots/graph-slots.ts';
import { buildTransport, type TransportOptions } from '#lib/transports/build-transport.ts';
import type { Transport } from '#lib/transports/contract.ts';
import { returnToPrimary } from './return-to-primary.ts';
import { wakeLane } from './wake-lane.ts';

/** Dark servers take a whole time-out each, and the next look waits for them. */
const atOnce = 32;

interface AwayProject {
  readonly id: string;
  readonly laneId: string;
  readonly organizationId: string;
  readonly version: number;
  /** For so long the primary is to answer before mail goes by it again; null: until a person says so. */
  readonly returnAfterMs: number | null;
}

/**
 * Asks the primaries of projects whose mail goes by the alternate: people see since when they answer, and a project
 * returns by itself where that is switched on (PRODUCT 6.3).
 */
export class PrimaryProbes {
  readonly #services: Services;
  readonly #build: (options: TransportOptions) => Transport;
  readonly #random: () => number;
  readonly #closing = new AbortController();

  constructor(
    services: Services,
    random: () => number,
    build: (options: TransportOptions) => Transport = buildTransport,
  ) {
    this.#services = services;
    this.#random = random;
    this.#build = build;
  }

  /** Called by a timer: probes those that are due, each by one worker. */
  async look(): Promise<void> {
    const due = await this.#takeDue();
    await Promise.all(due.map((project) => this.#probe(project)));
  }

  /** Ends the probes under way; what they found is not written. */
  close(): void {
    this.#closing.abort();
  }

  async #takeDue(): Promise<readonly AwayProject[]> {
    const { rows } = await asWorker(this.#services.database, async (tx) => {
      const due = await tx.query<{
        id: string;
        lane_id: string;
        organization_id: string;
        settings_version: number;
        minutes: number | null;
      }>(
        `select p.id, p.lane_id, p.organization_id, p.settings_version,
           (v.document #>> '{connection,alternate,returnAfterMinutes}')::int as minutes
         from mailroom.lanes l
         join mailroom.projects p on p.lane_id = l.id and p.archived_at is null
         join mailroom.mail_settings_versions v on v.project_id = p.id and v.version = p.settings_version
         where l.alternate_since is not null and coalesce(l.primary_probe_at, l.alternate_since) <= mailroom.now()
         order by l.primary_probe_at nulls first, l.id limit $1 for update of l skip locked`,
        [atOnce],
      );
      for (const { lane_id, minutes } of due.rows) {
        await tx.query(
          `update mailroom.lanes set primary_probe_at = mailroom.now() + $2 * interval '1 millisecond' where id = $1`,
          [lane_id, primaryProbeGapMs(inMs(minutes), this.#random())],
        );
      }
      return due;
    });
    return rows.map((row) => ({
      id: row.id,
      laneId: row.lane_id,
      organizationId: row.organization_id,
      version: row.settings_version,
      returnAfterMs: inMs(row.minutes),
    }));
  }

  async #probe(project: AwayProject): Promise<void> {
    const { database, log } = this.#services;
    try {
      const isUp = await this.#answers(project);
      if (this.#closing.signal.aborted) return;
      if (await this.#note(project, isUp)) wakeLane(database, project.laneId);
    } catch (error) {
      log.error({ err: error, projectId: project.id }, 'the primary server could not be probed');
    }
  }

  async #answers({ organizationId, id: projectId, version }: AwayProject): Promise<boolean> {
    const { database, keyring, settings } = this.#services;
    const slots = createGraphSlots(database);
    let options: TransportOptions;
    try {
      const opened = await asWorker(database, (tx) =>
        openMailSettings(tx, keyring, { organizationId, projectId, version }),
      );
      const supplies = transportSupplies(this.#services, slots, { organizationId, projectId }, opened);
      options = transportOptions(opened, settings, 'primary', supplies);
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
    const transport = this.#build(options);
    try {
      return (await transport.probe(() => undefined, this.#closing.signal)).ok;
    } finally {
      await transport.close();
    }
  }

  /** True when mail goes by the primary again. What was probed by older settings says nothing. */
  #note(
    { id, laneId, organizationId, version, returnAfterMs }: AwayProject,
    isUp: boolean,
  ): Promise<boolean> {
    const ctx = systemContext(this.#services, { organizationId });
    return asWorker(this.#services.database, async (tx) => {
      const { rows } = await tx.query<{ up_ms: number | null }>(
        `update mailroom.lanes l set primary_up_since = case when $4 then coalesce(primary_up_since, mailroom.now()) end
         where l.id = $1 and l.alternate_since is not null and exists (
           select from mailroom.projects p where p.id = $2 and p.lane_id = l.id and p.settings_version = $3)
         returning extract(epoch from mailroom.now() - primary_up_since)::float8 * 1000 as up_ms`,
        [laneId, id, version, isUp],
      );
      const upMs = rows[0]?.up_ms ?? null;
      if (upMs === null || returnAfterMs === null || upMs < returnAfterMs) return false;
      return (await returnToPrimary(tx, ctx, { id, laneId }, 'primary_answers')) !== null;
    });
  }
}

function inMs(minutes: number | null): number | null {
  return minutes === null ? null : minutes * 60_000;
}
