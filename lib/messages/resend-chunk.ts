import { type Transaction, withTenant } from '#db/client.ts';
import { type MessageRun, type RunPosition, runPosition } from '../backlog/bulk-run-row.ts';
import { recordRunEnd } from '../backlog/record-run-end.ts';
import { type Context, type Services, systemContext } from '../context.ts';
import { DomainError } from '../errors.ts';
import { withFreshProfile } from './accept-message.ts';
import type { AcceptProfile } from './accept-profile.ts';
import { nextOfRun, tellOfMany } from './act-on-chunk.ts';
import { storedMessageSelection } from './message-selection.ts';
import { copyMail, ownRecipients } from './resend-message.ts';
import { type MailToStore, storeMails } from './store-mails.ts';
import { openStoredContent } from './stored-content.ts';

/** Each is read, copied and accepted anew: so many are a few tenths of a second. */
const chunkMails = 20;

interface Step {
  readonly ids: readonly string[];
  readonly position: RunPosition;
  readonly isLast: boolean;
}

/**
 * Sends the next finished messages of a run again, each as a new one. The copies and how far the run has come are one
 * transaction, behind the place that it began at: of two workers one is first, and a death repeats nothing. Answers
 * whether there is more to do; null where another was first.
 */
export async function resendChunk(services: Services, run: MessageRun): Promise<boolean | null> {
  const ctx: Context = {
    ...systemContext(services, run),
    actor: { kind: 'system', label: run.actorLabel },
  };
  const selection = storedMessageSelection.parse(run.selection);
  const position = runPosition.parse(run.position ?? {});
  const [projectId] = selection.projectIds;
  const step = await withTenant(ctx.database, { organizationId: run.organizationId, userId: null }, (tx) =>
    nextOfRun(tx, run, { selection, position }, chunkMails),
  );
  try {
    await withFreshProfile(ctx, projectId, async (profile) => {
      const mails = await copies(ctx, profile, projectId, step.ids);
      if (mails.length === 0) {
        await withTenant(ctx.database, { organizationId: run.organizationId, userId: null }, (tx) =>
          writeStep(tx, services, run, step, []),
        );
        return { done: 0 };
      }
      const outcomes = await storeMails(ctx, profile, {
        source: 'portal',
        mails,
        alongside: async (tx) => {
          const originals = mails.flatMap(({ resendOf }) => (resendOf === null ? [] : [resendOf]));
          await tellOfMany(tx, run, projectId, originals);
          await writeStep(tx, services, run, step, originals);
        },
      });
      return outcomes.some(({ outcome }) => outcome === 'stale') ? 'stale' : { done: mails.length };
    });
  } catch (error) {
    if (error instanceof MovedOn) return null;
    throw error;
  }
  return !step.isLast;
}

/** Those of the messages that can still be sent again: unfinished ones and those without content are left out. */
async function copies(
  ctx: Context,
  profile: AcceptProfile,
  project: string,
  ids: readonly string[],
): Promise<readonly MailToStore[]> {
  const mails: MailToStore[] = [];
  for (const id of ids) {
    try {
      const content = await openStoredContent(ctx, { project, id });
      const { state } = content.message;
      if (state !== 'failed' && state !== 'expired' && state !== 'cancelled') continue;
      const to = await ownRecipients(ctx, content.message);
      mails.push({
        mail: await copyMail(ctx, profile, content, to),
        idempotency: null,
        resendOf: id,
      });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
    }
  }
  return mails;
}

class MovedOn extends Error {}

async function writeStep(
  tx: Transaction,
  services: Services,
  run: MessageRun,
  { ids, position, isLast }: Step,
  resent: readonly string[],
): Promise<void> {
  const { rows } = await tx.query<{ done: number; skipped: number }>(
    `update mailroom.bulk_runs set done = done + $3, skipped = skipped + $4, position = $5,
       expected = greatest(expected, done + skipped + $3 + $4), next_chunk_at = mailroom.now(),
       state = case when $6 then 'done' else 'running' end, finished_at = case when $6 then mailroom.now() end
     where id = $1 and state = 'running' and position is not distinct from $2::jsonb
     returning done, expected - done as skipped`,
    [
      run.id,
      run.position === null ? null : JSON.stringify(run.position),
      resent.length,
      ids.length - resent.length,
      JSON.stringify(position),
      isLast,
    ],
  );
  const [end] = rows;
  if (end === undefined) throw new MovedOn('Another worker did this chunk');
  if (isLast) await recordRunEnd(tx, services, run, end);
}
