import { withTenant } from '#db/client.ts';
import { can, requirePermission } from '../access/can.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import {
  type FrameRow,
  selectDayLimits,
  selectFrame,
  selectHeld,
  selectHours,
  selectProjects,
  selectStates,
  selectWaiting,
} from './overview-rows.ts';
import { dayOf, presentProject, type ProjectOverview } from './present-project.ts';

export interface OrganizationOverview {
  readonly name: string;
  readonly slug: string;
  readonly timeZone: string;
  readonly defaultProjectId: string | null;
  readonly now: Date;
  readonly dayEndsAt: Date;
  readonly workers: {
    readonly answering: number;
    readonly slowestBeatMs: number | null;
    /** When the last sign of any worker was; null where there never was one. */
    readonly lastAt: Date | null;
  };
  /** After a restore from a backup all workers stand still until a person has looked. */
  readonly fleetStop: { readonly at: Date; readonly reason: string } | null;
  /** The project that sends Mailroom's own notices; null: they are only shown. Its name whoever reads, as the setting is the organization's. */
  readonly noticeSender: { readonly id: string; readonly name: string; readonly isArchived: boolean } | null;
  /** Those that the reader may see, by name, archived ones too. */
  readonly projects: readonly ProjectOverview[];
}

/**
 * Everything that the shell, the home page and a project's overview show at a glance. Figures of today count whole
 * hours since local midnight, so a zone that is half an hour off shares one hour with yesterday.
 */
export async function readOrganizationOverview(ctx: Context): Promise<OrganizationOverview> {
  requirePermission(ctx, 'organization.read', null);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const frame = await selectFrame(tx);
    if (frame === undefined) throw new DomainError('not_found', 'There is no such organization.');
    const projects = (await selectProjects(tx)).filter(({ id }) => can(ctx.actor, 'project.read', id));
    const ids = projects.map(({ id }) => id);
    const day = dayOf(frame);
    const waiting = byProject(await selectWaiting(tx, ids));
    const states = byProject(await selectStates(tx, ids));
    const held = byProject(await selectHeld(tx, ids));
    const dayLimits = await selectDayLimits(tx);
    const hours = Map.groupBy(await selectHours(tx, ids, day.since), (row) => row.project_id);
    return {
      ...organizationOf(frame),
      projects: projects.map((row) =>
        presentProject(row, frame.now, day, {
          waiting: waiting.get(row.id),
          states: states.get(row.id),
          held: held.get(row.id),
          dayLimits,
          hours: hours.get(row.id) ?? [],
        }),
      ),
    };
  });
}

function byProject<Row extends { project_id: string }>(rows: readonly Row[]): Map<string, Row> {
  return new Map(rows.map((row) => [row.project_id, row]));
}

function organizationOf(frame: FrameRow): Omit<OrganizationOverview, 'projects'> {
  return {
    name: frame.name,
    slug: frame.slug,
    timeZone: frame.time_zone,
    defaultProjectId: frame.default_project_id,
    now: frame.now,
    dayEndsAt: frame.day_ends_at,
    workers: {
      answering: frame.workers,
      slowestBeatMs: frame.slowest_beat_ms,
      lastAt: frame.last_worker_at,
    },
    noticeSender:
      frame.notice_project_id === null || frame.notice_project === null
        ? null
        : {
            id: frame.notice_project_id,
            name: frame.notice_project,
            isArchived: frame.notice_archived_at !== null,
          },
    fleetStop:
      frame.sending_stopped_at === null
        ? null
        : { at: frame.sending_stopped_at, reason: frame.sending_stopped_reason ?? '' },
  };
}
