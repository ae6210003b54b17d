import { type DayLimit, nearestDayLimit } from './day-limit.ts';
import type {
  DayLimitRow,
  FrameRow,
  HeldRow,
  HourRow,
  ProjectRow,
  StateRow,
  WaitingRow,
} from './overview-rows.ts';
import { decideProjectState, type ProjectState } from './project-state.ts';
import { type ConnectionState, isSoon, type KnownEnd } from '../connections/connection-health.ts';
import { type ConnectionHealth, readHealth } from '../connections/read-health.ts';
import { connectionsAt, fullRateAtMs, rateFactorAt } from '../policy/slow-down.ts';
import { connectionFacts, type ConnectionFacts } from '../settings/connection-facts.ts';
import { mailSettingsDocument, type MailSettingsDocument, type SendingMode } from '../settings/schemas.ts';

export interface HourOutcomes {
  /** Start of the hour. */
  readonly at: Date;
  readonly sent: number;
  readonly failed: number;
  readonly held: number;
}

/** What is stopped of a project: in the backlog by reason, and taken out of it. */
export interface HeldFigures {
  readonly backlog: number;
  readonly suspended: number;
  readonly byDayLimit: number;
  readonly byRecipientsLimit: number;
  readonly byFlood: number;
  /** When the oldest mail of the backlog was held. */
  readonly oldestAt: Date | null;
}

export interface ProjectOverview {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly state: ProjectState;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
  readonly settingsVersion: number | null;
  readonly server: {
    readonly transport: ConnectionFacts['transport'];
    readonly host: string;
    readonly port: number;
    /** Where its mail goes now, as people name it: the alternate while that is used, and the mailbox of Graph. */
    readonly address: string;
    readonly alternateHost: string | null;
    /** Mail goes back to the primary by itself after so many minutes of answers; null: it does not. */
    readonly returnAfterMinutes: number | null;
    readonly maxConnections: number;
  } | null;
  /** What its last proof, its consent and its ends say. */
  readonly connection: {
    readonly state: ConnectionState;
    /** What ends soon or has ended, the next one first. */
    readonly endsSoon: readonly KnownEnd[];
    readonly lastError: ConnectionHealth['lastError'];
  };
  readonly mode: SendingMode;
  readonly paused: { readonly at: Date; readonly by: string; readonly reason: string } | null;
  readonly stop: {
    readonly at: Date;
    readonly code: string;
    readonly stage: string;
    readonly reply: string;
  } | null;
  readonly wait: {
    readonly kind: 'unreachable' | 'throttled';
    readonly since: Date;
    readonly until: Date;
    readonly reply: string;
  } | null;
  readonly alternate: {
    readonly since: Date;
    readonly reason: string;
    /** Since when the primary answers again; null: it does not. */
    readonly primaryUpSince: Date | null;
  } | null;
  /** Since when neither server can be reached. */
  readonly bothDownSince: Date | null;
  /** A server that asked to slow down gets so few of the connections, and all of them again from then on. */
  readonly slowed: { readonly connections: number; readonly until: Date } | null;
  readonly waiting: number;
  /** Since when the oldest mail that could go waits; null when none does. */
  readonly oldestWaitingAt: Date | null;
  readonly captured: number;
  readonly uncertain: number;
  readonly held: HeldFigures;
  /** The daily limit that it comes nearest to; null where none counts its mail. */
  readonly dayLimit: DayLimit | null;
  /** Held mails go out by themselves when room appears. */
  readonly autoResumes: boolean;
  readonly sentToday: number;
  readonly failedToday: number;
  /** The last 24 hours, oldest first, the running one last. */
  readonly hours: readonly HourOutcomes[];
}

const hourMs = 3_600_000;

/** Which hours the figures are made of. */
export interface Day {
  readonly since: Date;
  readonly firstHour: number;
  readonly todayFrom: number;
}

/** The last 24 hours and the organization's calendar day, both in whole hours. */
export function dayOf(frame: FrameRow): Day {
  const firstHour = Math.floor(frame.now.getTime() / hourMs) * hourMs - 23 * hourMs;
  const todayFrom = Math.floor(frame.day_started_at.getTime() / hourMs) * hourMs;
  return { since: new Date(Math.min(firstHour, todayFrom)), firstHour, todayFrom };
}

/** What was counted for one project. */
export interface Counts {
  readonly waiting: WaitingRow | undefined;
  readonly states: StateRow | undefined;
  readonly held: HeldRow | undefined;
  readonly dayLimits: readonly DayLimitRow[];
  readonly hours: readonly HourRow[];
}

/** One project's rows as the screens take them. */
export function presentProject(row: ProjectRow, now: Date, day: Day, counts: Counts): ProjectOverview {
  const parsed = mailSettingsDocument.safeParse(row.document);
  const settings = parsed.success ? parsed.data : null;
  const hours = hoursOf(counts.hours, day);
  const waiting = counts.waiting?.waiting ?? 0;
  const isOnAlternate = row.alternate_since !== null;
  const dayLimit = nearestDayLimit(counts.dayLimits, row);
  const health = readHealth(row, settings, now);
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    createdAt: row.created_at,
    archivedAt: row.archived_at,
    settingsVersion: row.settings_version,
    state: decideProjectState(now, {
      isArchived: row.archived_at !== null,
      isPaused: row.paused_at !== null,
      isSetUp: settings !== null,
      isStopped: row.stopped_at !== null,
      waitKind: row.wait_kind,
      waitUntil: row.wait_until,
      isAtLimit: dayLimit?.isReached === true,
      isOnAlternate,
      isBothDown: row.both_down_since !== null,
      connection: health.state,
      waiting,
      recentOutcomes: hours.slice(-2).reduce((sum, hour) => sum + hour.sent + hour.failed, 0),
    }),
    server: settings === null ? null : serverOf(settings, isOnAlternate),
    connection: {
      state: health.state,
      endsSoon: health.ends.filter(isSoon),
      lastError: health.lastError,
    },
    mode: settings?.sending.mode ?? { kind: 'live' },
    ...conditionsOf(row, now),
    slowed: slowedOf(row, settings, now),
    waiting,
    oldestWaitingAt: earlier(
      counts.waiting?.oldest_due_at ?? null,
      counts.states?.oldest_retrying_at ?? null,
    ),
    captured: counts.states?.captured ?? 0,
    uncertain: counts.states?.uncertain ?? 0,
    held: heldOf(counts.held),
    dayLimit,
    autoResumes: row.auto_resumes,
    ...todayOf(counts.hours, day),
    hours,
  };
}

function heldOf(row: HeldRow | undefined): HeldFigures {
  return {
    backlog: row?.backlog ?? 0,
    suspended: row?.suspended ?? 0,
    byDayLimit: row?.day_limit ?? 0,
    byRecipientsLimit: row?.recipients_limit ?? 0,
    byFlood: row?.flood ?? 0,
    oldestAt: row?.oldest_held_at ?? null,
  };
}

function serverOf(settings: MailSettingsDocument, isOnAlternate: boolean): ProjectOverview['server'] {
  const facts = connectionFacts(settings);
  const { transport, host, port, alternateHost, maxConnections } = facts;
  const { connection } = settings;
  const returnAfterMinutes = connection.kind === 'smtp' ? connection.alternate.returnAfterMinutes : null;
  const address = addressOf(connection, facts, isOnAlternate);
  return { transport, host, port, address, alternateHost, returnAfterMinutes, maxConnections };
}

function addressOf(
  connection: MailSettingsDocument['connection'],
  { host, port, alternateHost, alternatePort }: ConnectionFacts,
  isOnAlternate: boolean,
): string {
  if (connection.kind === 'graph') return connection.mailbox;
  if (isOnAlternate && alternateHost !== null) return `${alternateHost}:${alternatePort}`;
  return connection.kind === 'ews' && port === 443 ? host : `${host}:${port}`;
}

function slowedOf(
  row: ProjectRow,
  settings: MailSettingsDocument | null,
  now: Date,
): ProjectOverview['slowed'] {
  if (settings === null || row.slowed_at === null) return null;
  const state = {
    rateFactor: row.rate_factor,
    slowedMs: row.slowed_at.getTime(),
    slowCount: row.slow_count,
    stoppedUntilMs: row.slowed_until?.getTime() ?? null,
  };
  const { maxConnections } = connectionFacts(settings);
  const connections = connectionsAt(maxConnections, rateFactorAt(state, now.getTime()));
  if (connections >= maxConnections) return null;
  return { connections, until: new Date(fullRateAtMs(state)) };
}

function conditionsOf(
  row: ProjectRow,
  now: Date,
): Pick<ProjectOverview, 'paused' | 'stop' | 'wait' | 'alternate' | 'bothDownSince'> {
  return {
    paused:
      row.paused_at === null
        ? null
        : { at: row.paused_at, by: row.paused_by ?? '', reason: row.pause_reason ?? 'by_hand' },
    stop:
      row.stopped_at === null
        ? null
        : {
            at: row.stopped_at,
            code: row.stop_code ?? '',
            stage: row.stop_stage ?? '',
            reply: row.stop_reply ?? '',
          },
    wait:
      row.wait_kind === null || row.wait_until === null || row.wait_until <= now
        ? null
        : {
            kind: row.wait_kind,
            since: row.wait_since ?? now,
            until: row.wait_until,
            reply: row.wait_reply ?? '',
          },
    alternate:
      row.alternate_since === null
        ? null
        : {
            since: row.alternate_since,
            reason: row.alternate_reason ?? '',
            primaryUpSince: row.primary_up_since,
          },
    bothDownSince: row.both_down_since,
  };
}

function hoursOf(rows: readonly HourRow[], day: Day): HourOutcomes[] {
  const known = new Map(rows.map((row) => [row.hour.getTime(), row]));
  return Array.from({ length: 24 }, (_, at) => {
    const start = day.firstHour + at * hourMs;
    const row = known.get(start);
    return { at: new Date(start), sent: row?.sent ?? 0, failed: row?.failed ?? 0, held: row?.held ?? 0 };
  });
}

function todayOf(rows: readonly HourRow[], day: Day): Pick<ProjectOverview, 'sentToday' | 'failedToday'> {
  const today = rows.filter((row) => row.hour.getTime() >= day.todayFrom);
  return {
    sentToday: today.reduce((sum, row) => sum + row.sent, 0),
    failedToday: today.reduce((sum, row) => sum + row.failed, 0),
  };
}

function earlier(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
