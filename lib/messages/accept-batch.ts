import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import type { Context } from '../context.ts';
import { DomainError, invalidField } from '../errors.ts';
import { idempotencyConflict, isRefusedByProfile, sourceOf, withFreshProfile } from './accept-message.ts';
import type { AcceptProfile } from './accept-profile.ts';
import { findReplay } from './find-replay.ts';
import { prepareMail } from './prepare-mail.ts';
import { idempotencyKey, maxBatch } from './schemas.ts';
import { type AcceptedMessage, type MailToStore, type StoreOutcome, storeMails } from './store-mails.ts';

export type BatchResult =
  | { readonly kind: 'accepted'; readonly isReplay: boolean; readonly message: AcceptedMessage }
  | { readonly kind: 'refused'; readonly error: DomainError };

export interface BatchOptions {
  /** Goes into each item's fingerprint, beside its body (PRODUCT 4.1). */
  readonly path?: string;
}

/**
 * Accepts up to 500 messages, each with its own result in the order given. Those without a fault are stored together,
 * in one transaction; those with one are told apart and stored nowhere.
 */
export function acceptBatch(
  ctx: Context,
  projectRef: string,
  items: readonly unknown[],
  options: BatchOptions = {},
): Promise<readonly BatchResult[]> {
  if (items.length === 0) throw invalidField('messages', 'A batch has at least one message.');
  if (items.length > maxBatch) {
    throw new DomainError('too_many', `A batch has at most ${maxBatch} messages.`, {
      data: { limit: maxBatch },
      issues: [{ field: 'messages', message: `A batch has at most ${maxBatch} messages.` }],
    });
  }
  const { path = 'batch' } = options;
  return withFreshProfile(ctx, projectRef, async (profile, isKept) => {
    const prepared = await prepareItems(ctx, profile, items, path);
    if (isKept && prepared.some(isRefusedByProfile)) return 'stale';
    const plan = withoutRepeatedKeys(prepared);
    const mails = plan.flatMap((step) => (step.kind === 'store' ? [step.mail] : []));
    const stored = mails.length === 0 ? [] : await storeMails(ctx, profile, { source: sourceOf(ctx), mails });
    if (stored.some(({ outcome }) => outcome === 'stale')) return 'stale';
    const results: BatchResult[] = [];
    for (const [index, result] of resultsOf(plan, stored).entries()) {
      const replay = result.kind === 'refused' ? await replayOf(ctx, profile, items[index], path) : null;
      results.push(replay === null ? result : { kind: 'accepted', isReplay: true, message: replay });
    }
    return results;
  });
}

async function replayOf(
  ctx: Context,
  profile: AcceptProfile,
  item: unknown,
  path: string,
): Promise<AcceptedMessage | null> {
  const key = z.object({ idempotencyKey }).safeParse(item).data?.idempotencyKey;
  if (key === undefined) return null;
  return findReplay(ctx, profile.projectId, { key, fingerprint: fingerprintOf(path, item) });
}

type Prepared = MailToStore | DomainError;

// Composing five hundred large mails takes seconds; others are answered in between.
const turnMs = 10;

async function prepareItems(
  ctx: Context,
  profile: AcceptProfile,
  items: readonly unknown[],
  path: string,
): Promise<readonly Prepared[]> {
  const prepared: Prepared[] = [];
  let turnEndsMs = ctx.clock.monotonicMs() + turnMs;
  for (const item of items) {
    if (ctx.clock.monotonicMs() > turnEndsMs) {
      await nextTurn();
      turnEndsMs = ctx.clock.monotonicMs() + turnMs;
    }
    prepared.push(prepareItem(ctx, profile, item, path));
  }
  return prepared;
}

function prepareItem(ctx: Context, profile: AcceptProfile, item: unknown, path: string): Prepared {
  try {
    const { idempotencyKey: key, ...input } = keyOf(item);
    const mail = prepareMail(ctx, profile, input);
    if (mail.dryRun) throw invalidField('dryRun', 'A dry run takes one message, not a batch.');
    const idempotency = key === undefined ? null : { key, fingerprint: fingerprintOf(path, item) };
    return { mail, idempotency, resendOf: null };
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

function keyOf(item: unknown): { idempotencyKey?: string } & Record<string, unknown> {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) {
    throw new DomainError('invalid_input', 'A message is an object.', {
      issues: [{ field: '', message: 'A message is an object.' }],
    });
  }
  const { idempotencyKey: key, ...input } = { idempotencyKey: undefined, ...item };
  if (key === undefined) return input;
  const parsed = idempotencyKey.safeParse(key);
  if (!parsed.success) throw invalidField('idempotencyKey', parsed.error.issues[0]?.message ?? 'Not a key.');
  return { ...input, idempotencyKey: parsed.data };
}

/** SHA-256 of path and body. */
export function fingerprintOf(path: string, body: unknown): Buffer {
  return createHash('sha256').update(path).update('\n').update(JSON.stringify(body)).digest();
}

type Step =
  | { readonly kind: 'store'; readonly mail: MailToStore }
  | { readonly kind: 'as_step'; readonly step: number }
  | { readonly kind: 'refused'; readonly error: DomainError };

// A key that stands twice in one batch is a repeat of its first, as it would be in two calls.
function withoutRepeatedKeys(prepared: readonly Prepared[]): readonly Step[] {
  const firstOf = new Map<string, { readonly step: number; readonly fingerprint: Buffer }>();
  return prepared.map((entry, step): Step => {
    if (entry instanceof DomainError) return { kind: 'refused', error: entry };
    if (entry.idempotency === null) return { kind: 'store', mail: entry };
    const { key, fingerprint } = entry.idempotency;
    const first = firstOf.get(key);
    if (first === undefined) {
      firstOf.set(key, { step, fingerprint });
      return { kind: 'store', mail: entry };
    }
    if (first.fingerprint.equals(fingerprint)) return { kind: 'as_step', step: first.step };
    return { kind: 'refused', error: idempotencyConflict() };
  });
}

function resultsOf(plan: readonly Step[], stored: readonly StoreOutcome[]): readonly BatchResult[] {
  const results: BatchResult[] = [];
  let next = 0;
  for (const step of plan) {
    if (step.kind === 'refused') results.push(step);
    else if (step.kind === 'as_step') results.push(asReplay(results[step.step]));
    else {
      results.push(resultOf(stored[next]));
      next += 1;
    }
  }
  return results;
}

function resultOf(outcome: StoreOutcome | undefined): BatchResult {
  if (outcome === undefined || outcome.outcome === 'stale' || outcome.outcome === 'conflict') {
    return { kind: 'refused', error: idempotencyConflict() };
  }
  return { kind: 'accepted', isReplay: outcome.outcome === 'replayed', message: outcome.message };
}

function asReplay(first: BatchResult | undefined): BatchResult {
  if (first === undefined) throw new TypeError('a repeat stands after its first');
  return first.kind === 'accepted' ? { ...first, isReplay: true } : first;
}
