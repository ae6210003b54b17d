import type { Context } from '../context.ts';
import { DomainError } from '../errors.ts';
import { type AcceptProfile, acceptProfile, forgetAcceptProfile } from './accept-profile.ts';
import { type DryRun, dryRun } from './dry-run.ts';
import { findReplay } from './find-replay.ts';
import { type PreparedMail, prepareMail } from './prepare-mail.ts';
import type { AcceptedMessage, MessageSource } from './store-mails.ts';
import { storeTogether } from './store-together.ts';

export interface AcceptOptions {
  readonly source?: MessageSource;
  /** `fingerprint` is the SHA-256 of path and body (PRODUCT 4.1). */
  readonly idempotency?: { readonly key: string; readonly fingerprint: Buffer } | null;
  readonly resendOf?: string | null;
}

export type AcceptAnswer =
  | { readonly kind: 'accepted'; readonly isReplay: boolean; readonly message: AcceptedMessage }
  | { readonly kind: 'dry_run'; readonly dryRun: DryRun };

/**
 * Accepts one message: when this resolves, it is committed. `input` is what a caller handed in, unchecked. A message
 * of a paused project or one without settings is accepted too and waits; an archived project refuses.
 */
export async function acceptMessage(
  ctx: Context,
  projectRef: string,
  input: unknown,
  options: AcceptOptions = {},
): Promise<AcceptAnswer> {
  return withFreshProfile(ctx, projectRef, async (profile) => {
    const { idempotency = null, resendOf = null } = options;
    const mail = prepareOrRefuse(ctx, profile, input);
    if (mail instanceof DomainError) {
      const message = idempotency === null ? null : await findReplay(ctx, profile.projectId, idempotency);
      if (message === null) throw mail;
      return { kind: 'accepted', isReplay: true, message };
    }
    if (mail.dryRun) return { kind: 'dry_run', dryRun: await dryRun(ctx, profile, mail) };
    const source = options.source ?? sourceOf(ctx);
    const stored = await storeTogether(ctx, profile, source, { mail, idempotency, resendOf });
    if (stored.outcome === 'stale') return 'stale';
    if (stored.outcome === 'conflict') throw idempotencyConflict();
    return { kind: 'accepted', isReplay: stored.outcome === 'replayed', message: stored.message };
  });
}

function prepareOrRefuse(ctx: Context, profile: AcceptProfile, input: unknown): PreparedMail | DomainError {
  try {
    return prepareMail(ctx, profile, input);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/**
 * Runs `work` again with a profile just loaded when the settings changed under it, or when a kept one led to a refusal
 * of the sender or of so many recipients that the settings and limits of this moment may not repeat.
 */
export async function withFreshProfile<Answer extends object>(
  ctx: Context,
  projectRef: string,
  work: (profile: AcceptProfile, isKept: boolean) => Promise<Answer | 'stale'>,
): Promise<Answer> {
  for (let round = 0; round < 3; round += 1) {
    const { profile, isKept } = await acceptProfile(ctx, projectRef);
    try {
      const answer = await work(profile, isKept);
      if (answer !== 'stale') return answer;
    } catch (error) {
      if (!isKept || !isRefusedByProfile(error)) throw error;
    }
    forgetAcceptProfile(ctx, projectRef);
  }
  throw new DomainError('unavailable', "The project's mail settings are just being changed. Try again.");
}

export function isRefusedByProfile(error: unknown): boolean {
  if (!(error instanceof DomainError)) return false;
  return error.code === 'sender_not_allowed' || error.code === 'too_many_recipients';
}

export function sourceOf(ctx: Context): MessageSource {
  switch (ctx.actor.kind) {
    case 'key':
      return 'api';
    case 'user':
    case 'operator':
      return 'portal';
    case 'system':
      return 'notice';
    default:
      return ctx.actor satisfies never;
  }
}

export function idempotencyConflict(): DomainError {
  return new DomainError(
    'idempotency_conflict',
    'This idempotency key was used within 24 hours for another message.',
  );
}
