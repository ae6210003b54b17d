import { z } from 'zod';
import { type Transaction, withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import { type Context, tenantScope } from '../context.ts';
import type { LimitWindow } from '../limits/limits-view.ts';
import { loadWindow } from '../limits/load-window.ts';
import { parseInput } from '../parse-input.ts';
import { decideRelease, mayRelease } from '../policy/auto-resume.ts';
import {
  dealRooms,
  type PendingProject,
  readPendingProjects,
  readScopeRooms,
  type ScopeRoom,
} from './auto-resume-facts.ts';
import { expectComing } from './expect-coming.ts';
import type { AutoResumeView } from './views.ts';

const input = z.strictObject({ project: z.string().max(64) });

/** What auto resume of a project will do next, when, and with how many mails. */
export function readAutoResume(ctx: Context, given: z.input<typeof input>): Promise<AutoResumeView> {
  const { project: reference } = parseInput(input, given);
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'messages.read', project.id);
    const choice = await readChoice(tx, project);
    const all = await readPendingProjects(tx);
    const window = await loadWindow(tx, ctx.organizationId);
    const own = all.find(({ id }) => id === project.id);
    if (own === undefined) {
      return {
        ...choice,
        pending: 0,
        blockedBy: null,
        nextCause: null,
        willRelease: 0,
        pendingByEnd: null,
        timeZone: window.timeZone,
      };
    }
    const rooms = await readScopeRooms(tx, ctx.organizationId);
    const decision = decideRelease({ ...own, room: dealRooms(all, rooms, false).get(own.id) ?? null });
    const next = await readNext(tx, { own, all, rooms, window });
    return {
      ...choice,
      pending: own.pending,
      blockedBy: decision.kind === 'release' ? null : blocks[decision.why],
      nextCause: next?.cause ?? null,
      willRelease: next?.mails ?? 0,
      pendingByEnd: await expectPending(tx, { own, all, rooms, window }),
      timeZone: window.timeZone,
    };
  });
}

const blocks = {
  nothing_pending: null,
  off: 'off',
  halted: 'paused',
  threshold: 'threshold',
  no_room: 'no_room',
} as const;

async function readChoice(tx: Transaction, project: ProjectRow) {
  const { rows } = await tx.query<{ is_on: boolean; threshold: number | null }>(
    'select auto_resume as is_on, auto_resume_threshold as threshold from mailroom.limit_policies where organization_id = $1',
    [project.organizationId],
  );
  const [policy] = rows;
  return {
    isOn: project.autoResume ?? policy?.is_on ?? false,
    isInherited: project.autoResume === null,
    threshold: project.autoResume === null ? (policy?.threshold ?? null) : project.autoResumeThreshold,
  };
}

interface Outlook {
  readonly own: PendingProject;
  readonly all: readonly PendingProject[];
  readonly rooms: readonly ScopeRoom[];
  readonly window: LimitWindow;
}

/** Only where nothing goes out until then: with room left, nobody knows whose mails use it. */
async function expectPending(tx: Transaction, { own, rooms, window }: Outlook): Promise<number | null> {
  const isSpent = roomsOf(own, rooms).some(({ left, reserved }) => left - reserved <= 0);
  const coming = isSpent ? await expectComing(tx, own.id, window) : null;
  return coming === null ? null : own.pending + coming;
}

function roomsOf(own: PendingProject, rooms: readonly ScopeRoom[]): readonly ScopeRoom[] {
  return rooms.filter((room) =>
    room.projectId === null ? room.protocol === own.protocol : room.projectId === own.id,
  );
}

/** When room appears by itself, and this project's part of it: all of the day's, or what leaves a rolling window. */
async function readNext(tx: Transaction, { own, all, rooms, window }: Outlook) {
  const met = roomsOf(own, rooms);
  if (met.length === 0) return null;
  const calm = { ...own, isRaiseOpen: false };
  const others = all.map((each) => (each.id === own.id ? calm : { ...each, isRaiseOpen: false }));
  const allowed = mayRelease(calm) === null;
  if (window.endsAt !== null) {
    const fresh = rooms.map((room) => ({ ...room, left: room.mailsPerDay }));
    const part = dealRooms(others, fresh, false).get(own.id) ?? own.pending;
    return {
      cause: { kind: 'new_day' as const, at: window.endsAt },
      mails: allowed ? Math.min(part, own.pending) : 0,
    };
  }
  const leaving = await readLeaving(tx, own.id);
  if (leaving === null) return null;
  const part = Math.max(0, Math.min(...met.map(({ left }) => left)) + leaving.mails);
  return {
    cause: { kind: 'room' as const, at: leaving.at.toISOString() },
    mails: allowed ? Math.min(part, own.pending) : 0,
  };
}

/** The next minute that leaves the rolling window of a limit that the project meets, and what it had counted. */
async function readLeaving(tx: Transaction, projectId: string) {
  const { rows } = await tx.query<{ at: Date; mails: number }>(
    `select u.minute + interval '24 hours 1 minute' as at, sum(u.mails)::float8 as mails
     from mailroom.limit_scopes_of($1) s
     join mailroom.limit_usage u on u.scope_id = s.id
     where s.mails_per_day is not null and u.mails > 0
       and u.minute >= date_trunc('minute', mailroom.now() - interval '24 hours')
     group by u.minute order by u.minute limit 1`,
    [projectId],
  );
  return rows[0] ?? null;
}
