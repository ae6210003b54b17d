import type { Transaction } from '#db/client.ts';
import { messageEvents } from '#db/schema/messages.ts';
import { type Context, tenantScope } from '../context.ts';
import { newId } from '../ids.ts';
import type { FloodMail } from '../policy/flood.ts';
import { judgeFlood, takeBackFlood } from './judge-flood.ts';
import type { FloodHold, FloodVerdict } from './project-watch.ts';

/** A mail on its way into the tables. */
export interface WatchedMail extends FloodMail {
  /** One id for each of its envelopes. */
  readonly ids: readonly string[];
  /** A test, a notice, a person's own resend, and what does not leave, are never a flood. */
  readonly isExempt: boolean;
}

export interface WatchedBatch {
  /** Why each mail is held; null: it is not. */
  readonly holds: readonly (FloodHold | null)[];
  /** Writes the reasons of those that were stored into their histories, in the transaction that stores them. */
  record(tx: Transaction, isStored: readonly boolean[]): Promise<void>;
  /** Mails that were not stored never counted. Called once, whatever became of the transaction. */
  settle(isStored: readonly boolean[]): void;
}

const heldBy = 'Mailroom';

/** Looks at the mails of one project that are about to be stored (PRODUCT 5.10). */
export async function watchBatch(
  ctx: Context,
  projectId: string,
  mails: readonly WatchedMail[],
): Promise<WatchedBatch> {
  const watched = mails.filter(({ isExempt }) => !isExempt);
  const judged = watched.length === 0 ? [] : await judgeFlood(ctx, projectId, watched);
  const verdicts = new Map<WatchedMail, FloodVerdict>();
  for (const [index, mail] of watched.entries()) {
    const verdict = judged[index];
    if (verdict !== undefined) verdicts.set(mail, verdict);
  }
  const holds = mails.map((mail) => verdicts.get(mail)?.hold ?? null);
  return {
    holds,
    async record(tx, isStored) {
      const rows = mails.flatMap(({ ids }, index) => {
        const hold = isStored[index] === true ? holds[index] : null;
        return hold === null || hold === undefined ? [] : ids.map((id) => eventOf(ctx, projectId, id, hold));
      });
      if (rows.length > 0) await tx.orm.insert(messageEvents).values(rows);
    },
    settle(isStored) {
      const lost = mails.flatMap((mail, index) =>
        isStored[index] === true ? [] : (verdicts.get(mail) ?? []),
      );
      if (lost.length > 0) takeBackFlood(ctx, projectId, lost);
    },
  };
}

function eventOf(
  ctx: Context,
  projectId: string,
  messageId: string,
  hold: FloodHold,
): typeof messageEvents.$inferInsert {
  return {
    id: newId(),
    organizationId: tenantScope(ctx).organizationId,
    projectId,
    messageId,
    kind: 'held',
    actorLabel: heldBy,
    detail: { reason: 'flood', ...hold },
  };
}
