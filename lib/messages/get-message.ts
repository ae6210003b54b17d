import { asc, desc, eq, inArray } from 'drizzle-orm';
import { type Transaction, withTenant } from '#db/client.ts';
import { attempts, messageEvents, messages, recipients, sharedEvents } from '#db/schema/messages.ts';
import { apiKeys, lanes } from '#db/schema/projects.ts';
import { queueEntries } from '#db/schema/queue.ts';
import { can, requirePermission } from '../access/can.ts';
import { loadProject, type ProjectRow } from '../access/load-project.ts';
import type { Permission } from '../access/roles.ts';
import { type Context, tenantScope } from '../context.ts';
import { loadPoolWait } from '../pools/read-project-pace.ts';
import { loadMessage } from './load-message.ts';
import { plannedTries } from './planned-tries.ts';
import {
  type AttemptView,
  type EventView,
  presentAttempt,
  presentEvent,
  presentRecipient,
  type RecipientView,
} from './present-detail.ts';
import { isoOrNull, type MessageListItem, type MessageRow, presentListItem } from './present-message.ts';
import { loadRetrySchedule } from './load-retry-schedule.ts';
import { readTriedMs } from './read-tried-ms.ts';

/** Everything that the page of one message shows but its content. Instants are ISO strings. */
export interface MessageDetail extends MessageListItem {
  readonly project: { readonly id: string; readonly slug: string };
  readonly source: MessageRow['source'];
  /** The key that handed it in. */
  readonly apiKey: { readonly name: string; readonly lastFour: string } | null;
  /** The reverse path that the caller gave; null: the From address. */
  readonly envelopeFrom: string | null;
  readonly settingsVersion: number | null;
  readonly recipients: readonly RecipientView[];
  readonly attempts: readonly AttemptView[];
  readonly events: readonly EventView[];
  /** The try that is under way. */
  readonly inFlight: { readonly startedAt: string; readonly workerId: string | null } | null;
  /** When it would be tried if every try from now on failed for a while; empty where it is finished. */
  readonly plannedTries: readonly string[];
  readonly giveUpAt: string | null;
  readonly releasedAt: string | null;
  readonly resendOf: string | null;
  /** The message that a recipients limit split it off from. */
  readonly splitOf: string | null;
  /** What a recipients limit split off from it. */
  readonly splits: readonly { readonly id: string; readonly to: string; readonly recipientCount: number }[];
  readonly resends: readonly { readonly id: string; readonly acceptedAt: string; readonly to: string }[];
  readonly may: {
    readonly cancel: boolean;
    readonly tryNow: boolean;
    readonly resend: boolean;
    readonly release: boolean;
    /** Put into the backlog by hand. */
    readonly hold: boolean;
    /** Let go from the backlog, or take out of it for good. */
    readonly resume: boolean;
    /** Put back into the backlog. */
    readonly putBack: boolean;
    /** Say what became of it, as nobody knows whether it arrived. */
    readonly decide: boolean;
    readonly readContent: boolean;
  };
}

const resendable = new Set<MessageRow['state']>(['sent', 'failed', 'expired', 'cancelled', 'uncertain']);

/** One message with its recipients, attempts and history. `not_found` for one of another project or tenant. */
export function getMessage(
  ctx: Context,
  input: { readonly project: string; readonly id: string },
): Promise<MessageDetail> {
  return getMessageFor(ctx, 'messages.read', input);
}

/** The message for whoever may do this to it: a key that may only cancel is told what it has cancelled. */
export function getMessageFor(
  ctx: Context,
  permission: 'messages.read' | 'messages.cancel',
  input: { readonly project: string; readonly id: string },
): Promise<MessageDetail> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const project = await loadProject(tx, ctx, input.project);
    requirePermission(ctx, permission, project.id);
    const row = await loadMessage(tx, project, input.id);
    const mayReadContent = can(ctx.actor, 'messages.content', project.id);
    const parts = await loadParts(tx, project, row, mayReadContent);
    const { entry, now } = parts;
    const schedule = await loadRetrySchedule(tx, project);
    const isStarted = entry !== null && entry.attemptId !== null;
    const isWaiting = entry !== null && !isStarted;
    // What an archived project has stays as it is (PRODUCT 4.4).
    const mayNow = (needed: Permission) => project.archivedAt === null && can(ctx.actor, needed, project.id);
    const plan = isWaiting
      ? plannedTries(
          schedule,
          { ...row, waitedMs: await readTriedMs(tx, row, entry.dueAt) },
          entry.dueAt,
          now,
        )
      : null;
    return {
      ...presentListItem(row, {
        project,
        lane: parts.lane,
        poolWait: await loadPoolWait(tx, ctx, project),
        now,
      }),
      project: { id: project.id, slug: project.slug },
      source: row.source,
      apiKey: parts.key,
      envelopeFrom: row.envelopeFrom,
      settingsVersion: row.settingsVersion,
      recipients: parts.recipients,
      attempts: parts.attempts,
      events: parts.events,
      inFlight:
        entry === null || entry.attemptStartedAt === null
          ? null
          : { startedAt: entry.attemptStartedAt.toISOString(), workerId: entry.workerId },
      plannedTries: plan?.tries ?? [],
      giveUpAt: plan?.giveUpAt ?? null,
      releasedAt: isoOrNull(row.releasedAt),
      resendOf: row.resendOf,
      splitOf: row.splitOf,
      splits: parts.splits,
      resends: parts.resends,
      may: {
        cancel: (isWaiting || row.state === 'backlog') && can(ctx.actor, 'messages.cancel', project.id),
        tryNow: isWaiting && entry.dueAt > now && mayNow('messages.send'),
        resend: resendable.has(row.state) && mayReadContent && mayNow('messages.send'),
        release:
          entry === null &&
          parts.recipients.some(({ state }) => state === 'captured') &&
          mayNow('messages.release'),
        hold: isWaiting && mayNow('backlog.write'),
        resume: row.state === 'backlog' && mayNow('backlog.write'),
        putBack: row.state === 'suspended' && mayNow('backlog.write'),
        decide: row.state === 'uncertain' && mayNow('messages.decide'),
        readContent: mayReadContent,
      },
    };
  });
}

async function loadParts(tx: Transaction, project: ProjectRow, row: MessageRow, mayReadContent: boolean) {
  const [lane] = await tx.orm.select().from(lanes).where(eq(lanes.id, project.laneId));
  const [entry] = await tx.orm.select().from(queueEntries).where(eq(queueEntries.messageId, row.id));
  const recipientRows = await tx.orm
    .select()
    .from(recipients)
    .where(eq(recipients.messageId, row.id))
    .orderBy(asc(recipients.position));
  const attemptRows = await tx.orm
    .select()
    .from(attempts)
    .where(eq(attempts.messageId, row.id))
    .orderBy(asc(attempts.id));
  const eventRows = await loadEvents(tx, row);
  const resendRows = await tx.orm
    .select({ id: messages.id, acceptedAt: messages.acceptedAt, to: messages.firstRecipient })
    .from(messages)
    .where(eq(messages.resendOf, row.id))
    .orderBy(desc(messages.id))
    .limit(100);
  const splits = await tx.orm
    .select({ id: messages.id, to: messages.firstRecipient, recipientCount: messages.recipientCount })
    .from(messages)
    .where(eq(messages.splitOf, row.id))
    .orderBy(asc(messages.id))
    .limit(1_000);
  const [key] =
    row.apiKeyId === null
      ? []
      : await tx.orm
          .select({ name: apiKeys.name, lastFour: apiKeys.lastFour })
          .from(apiKeys)
          .where(eq(apiKeys.id, row.apiKeyId));
  const { rows: clock } = await tx.query<{ now: Date }>('select mailroom.now() as now');
  return {
    lane: lane ?? null,
    entry: entry ?? null,
    recipients: recipientRows.map(presentRecipient),
    attempts: attemptRows.map((attempt) => presentAttempt(attempt, mayReadContent)),
    events: eventRows.map(presentEvent),
    resends: resendRows.map(({ acceptedAt, ...rest }) => ({ ...rest, acceptedAt: acceptedAt.toISOString() })),
    splits,
    key: key ?? null,
    now: clock[0]?.now ?? new Date(),
  };
}

/** Its own events, and those that it shares with others that they happened to at once; the first one first. */
async function loadEvents(tx: Transaction, { id, sharedEventIds }: MessageRow) {
  const own = await tx.orm.select().from(messageEvents).where(eq(messageEvents.messageId, id));
  const shared =
    sharedEventIds === null
      ? []
      : await tx.orm.select().from(sharedEvents).where(inArray(sharedEvents.id, sharedEventIds));
  return [...own, ...shared].toSorted((one, other) => (one.id < other.id ? -1 : 1));
}
