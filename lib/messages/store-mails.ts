import { z } from 'zod';
import { type Database, type Transaction, withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import type { AcceptProfile } from './accept-profile.ts';
import { binaryTexts } from './binary-texts.ts';
import type { PreparedMail } from './prepare-mail.ts';
import type { Recipient } from './recipient.ts';
import { type HeldAtAccept, recordHolds } from './record-holds.ts';
import { waitingReasons } from './labels.ts';
import { type HoldReason, holdReasons, overrideBits } from '../policy/hold-reasons.ts';
import { watchBatch, type WatchedMail } from '../flood/watch-batch.ts';
import { searchableText } from './search-text.ts';
import { wakeLane } from '../queue/wake-lane.ts';

export type MessageSource = 'api' | 'portal' | 'test' | 'notice';

export interface MailToStore {
  readonly mail: PreparedMail;
  readonly idempotency: { readonly key: string; readonly fingerprint: Buffer } | null;
  readonly resendOf: string | null;
}

/** What a caller is told of an accepted message; kept with its idempotency key word for word. */
export const acceptedMessage = z.object({
  id: z.string(),
  messageId: z.string(),
  state: z.enum(['queued', 'backlog']),
  acceptedAt: z.coerce.date().transform((date) => date.toISOString()),
  recipients: z.int(),
  // Answers that were kept before there were limits have neither.
  envelopes: z.int().default(1),
  held: z.enum(holdReasons).nullable().default(null),
  waiting: z.enum(waitingReasons).nullable(),
});
export type AcceptedMessage = z.output<typeof acceptedMessage>;

export interface MailBatch {
  readonly source: MessageSource;
  readonly mails: readonly MailToStore[];
  /** Written with the mails: both stand or neither does. Not called when nothing was stored. */
  readonly alongside?: (tx: Transaction) => Promise<void>;
}

export type StoreOutcome =
  | { readonly outcome: 'accepted' | 'replayed'; readonly message: AcceptedMessage }
  | { readonly outcome: 'conflict' }
  /** The profile was out of date: nothing is stored, load it again. */
  | { readonly outcome: 'stale' };

const answer = z.union([
  z.object({ refused: z.enum(['not_found', 'archived', 'stale', 'key']) }),
  z.object({
    results: z.array(
      z.object({
        index: z.int(),
        outcome: z.enum(['accepted', 'replayed', 'conflict']),
        response: acceptedMessage,
      }),
    ),
  }),
]);

/** A content row holds so much of the body; the drain reads part by part. */
const partBytes = 1_048_576;

const knownCategories = new WeakMap<Database, Set<string>>();

/** Stores all of the mails or none, then wakes the lane. Outcomes stand in the order of the mails. */
export async function storeMails(
  ctx: Context,
  profile: AcceptProfile,
  batch: MailBatch,
): Promise<readonly StoreOutcome[]> {
  const { mails } = batch;
  const known = knownCategories.get(ctx.database) ?? new Set<string>();
  knownCategories.set(ctx.database, known);
  const nameOf = (mail: PreparedMail): string => `${ctx.organizationId} ${mail.category}`;
  const floods = await watchBatch(
    ctx,
    profile.projectId,
    mails.map((entry) => watchedMail(entry, batch.source)),
  );
  const rows = mails.map((entry, index) => ({
    ...rowOf(entry, index, !known.has(nameOf(entry.mail))),
    ...(batch.source === 'notice' ? { isExempt: true } : {}),
    ...(floods.holds[index] === null ? {} : { holdReason: 'flood' satisfies HoldReason }),
  }));
  let isStored: readonly boolean[] = [];
  const outcomes = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const stored = await callAccept(tx, ctx, profile, batch, rows);
    isStored = stored.map(({ outcome }) => outcome === 'accepted');
    await floods.record(tx, isStored);
    await recordHolds(tx, ctx, profile.projectId, heldByLimits(mails, stored));
    for (const [index, result] of stored.entries()) {
      const mail = mails[index]?.mail;
      if (result.outcome === 'accepted' && mail !== undefined) await storeFurtherParts(tx, ctx, mail);
    }
    if (batch.source === 'notice') await letPass(tx, mails);
    if (isStored.some(Boolean)) await batch.alongside?.(tx);
    return stored;
  })
    .catch((error: unknown) => {
      isStored = [];
      throw error;
    })
    .finally(() => floods.settle(isStored));
  const accepted = mails.filter((_, index) => outcomes[index]?.outcome === 'accepted');
  if (known.size > 10_000) known.clear();
  for (const { mail } of accepted) known.add(nameOf(mail));
  if (accepted.length > 0) wakeLane(ctx.database, profile.laneId);
  return outcomes;
}

// Why the flood breaker holds is told with what it was held for.
function heldByLimits(mails: readonly MailToStore[], stored: readonly StoreOutcome[]): HeldAtAccept[] {
  return mails.flatMap(({ mail }, index) => {
    const result = stored[index];
    if (result?.outcome !== 'accepted' || result.message.held === null || result.message.held === 'flood')
      return [];
    return [{ ids: mail.plan.envelopes.map(({ id }) => id), reason: result.message.held }];
  });
}

function watchedMail({ mail, resendOf }: MailToStore, source: MessageSource): WatchedMail {
  return {
    ids: mail.plan.envelopes.map(({ id }) => id),
    isExempt: mail.plan.isExempt || resendOf !== null || source === 'test' || source === 'notice',
    sender: mail.fromAddress,
    recipients: mail.recipients.map(({ address }) => address),
    subject: mail.subject,
    headers: mail.headers,
    envelopeFrom: mail.envelopeFrom,
  };
}

async function callAccept(
  tx: Transaction,
  ctx: Context,
  profile: AcceptProfile,
  { source, mails }: MailBatch,
  rows: readonly object[],
): Promise<readonly StoreOutcome[]> {
  const { rows: answers } = await tx.query<{ answer: unknown }>(
    'select mailroom.accept_messages($1, $2, $3, $4, $5, $6, $7) as answer',
    [
      ctx.organizationId,
      profile.projectId,
      profile.settingsVersion,
      ctx.actor.kind === 'key' ? ctx.actor.keyId : null,
      source,
      JSON.stringify(rows),
      binaryTexts(mails.map(({ mail }) => mail.body.slice(0, partBytes))),
    ],
  );
  const read = answer.parse(answers[0]?.answer);
  if ('refused' in read) {
    if (read.refused === 'stale') return mails.map(() => ({ outcome: 'stale' }));
    throw refusal(read.refused);
  }
  const results = new Map(read.results.map((result) => [result.index, result]));
  return mails.map((_, index) => {
    const result = results.get(index);
    if (result === undefined) throw new DomainError('unavailable', 'The key has just ended. Try again.');
    if (result.outcome === 'conflict') return { outcome: 'conflict' };
    return { outcome: result.outcome, message: result.response };
  });
}

function refusal(reason: 'not_found' | 'archived' | 'key'): DomainError {
  switch (reason) {
    case 'not_found':
      return new DomainError('not_found', 'There is no such project.');
    case 'archived':
      return new DomainError('archived', 'The project is archived and takes no mail.');
    case 'key':
      return new DomainError('unauthenticated', 'The API key has ended or was revoked.');
    default:
      return reason satisfies never;
  }
}

async function storeFurtherParts(tx: Transaction, ctx: Context, mail: PreparedMail): Promise<void> {
  const ids = mail.plan.envelopes.map(({ id }) => id);
  for (let part = 1; part * partBytes < mail.body.length; part += 1) {
    const slice = mail.body.slice(part * partBytes, (part + 1) * partBytes);
    await tx.query(
      `insert into mailroom.contents (message_id, part, organization_id, bytes)
       select id, $2, $3, $4 from unnest($1::uuid[]) as id`,
      [ids, part, ctx.organizationId, Buffer.from(slice, 'latin1')],
    );
  }
}

/** Mailroom's own notices pass every limit, though they count (PRODUCT 5.3). */
async function letPass(tx: Transaction, mails: readonly MailToStore[]): Promise<void> {
  const { dayLimit, recipientsLimit, quota } = overrideBits;
  await tx.query('update mailroom.queue_entries set overrides = $2 where message_id = any ($1::uuid[])', [
    mails.map(({ mail }) => mail.id),
    dayLimit | recipientsLimit | quota,
  ]);
}

// The names are those of the record that mailroom.accept_messages reads.
function rowOf({ mail, idempotency, resendOf }: MailToStore, index: number, newCategory: boolean): object {
  return {
    index,
    id: mail.id,
    key: idempotency?.key ?? null,
    fingerprint: idempotency?.fingerprint.toString('hex') ?? null,
    category: mail.category,
    newCategory,
    priority: mail.priority,
    sendAt: mail.sendAt,
    expiresAt: mail.expiresAt,
    subject: mail.subject,
    searchSubject: searchableText(mail.subject),
    fromAddress: mail.fromAddress,
    envelopeFrom: mail.envelopeFrom,
    messageId: mail.internetMessageId,
    sizeBytes: mail.sizeBytes,
    resendOf,
    tags: mail.tags,
    metadata: mail.metadata,
    headers: mail.headers,
    filledHeaders: mail.filledHeaders,
    ...envelopeColumns(mail),
  };
}

function envelopeColumns({ plan, recipients }: PreparedMail): object {
  const { envelopes } = plan;
  return {
    isExempt: plan.isExempt,
    recipientsPolicy: plan.policy,
    holdReason: plan.isHeld ? ('recipients_limit' satisfies HoldReason) : null,
    recipients: recipients.length,
    largest: Math.max(...envelopes.map((envelope) => envelope.recipients.length)),
    parts:
      envelopes.length === 1
        ? null
        : envelopes.map(({ id, ...envelope }) => ({ id, ...named(envelope.recipients) })),
    ...named(recipients),
  };
}

function named(recipients: readonly Recipient[]): { addresses: readonly string[]; kinds: readonly string[] } {
  return {
    addresses: recipients.map(({ address }) => address),
    kinds: recipients.map(({ kind }) => kind),
  };
}
