import type { Context } from '../context.ts';
import { DomainError, invalidField } from '../errors.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import type { AcceptProfile } from './accept-profile.ts';
import { decideSender } from './allowed-senders.ts';
import { composeMail, type ComposedMail, newInternetMessageId } from './compose.ts';
import { type FinishedMail, readFinishedMail } from './finished-mail.ts';
import { isKeptTime } from './kept-time.ts';
import { type EnvelopePlan, planEnvelopes } from './plan-envelopes.ts';
import { distinctRecipients, type Recipient } from './recipient.ts';
import { type ComposedInput, composedMessage, type FinishedInput, finishedMessage } from './schemas.ts';

/** A message that has passed every check that needs no database, ready to be stored. */
export interface PreparedMail extends ComposedMail {
  readonly id: string;
  readonly internetMessageId: string;
  readonly category: string;
  readonly priority: 0 | 1 | 2;
  readonly sendAt: Date | null;
  readonly expiresAt: Date | null;
  readonly subject: string;
  /** Null: the configured sender, taken when the mail starts. */
  readonly fromAddress: string | null;
  readonly envelopeFrom: string | null;
  /** Distinct, at least one. */
  readonly recipients: readonly Recipient[];
  /** In which envelopes they get it. */
  readonly plan: EnvelopePlan;
  /** The stored bytes: header block and body. */
  readonly sizeBytes: number;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
}

const priorities = { high: 0, normal: 1, low: 2 } as const;

/** Checks one message of a caller and makes its bytes. Throws `DomainError` with the fields at fault. */
export function prepareMail(ctx: Context, profile: AcceptProfile, input: unknown): PreparedMail {
  const isFinished = typeof input === 'object' && input !== null && 'mime' in input;
  const mail = isFinished
    ? finishedParts(ctx, profile, parseInput(finishedMessage, input))
    : composedParts(ctx, profile, parseInput(composedMessage, input));
  const { given, ...content } = mail;
  checkHandling(ctx, given);
  const sizeBytes = Buffer.byteLength(content.headers) + content.body.length;
  const limit = ctx.settings.maxMessageBytes;
  if (sizeBytes > limit) {
    throw new DomainError('too_large', `The message has ${sizeBytes} bytes; at most ${limit} are taken.`, {
      data: { limitBytes: limit, sizeBytes },
    });
  }
  return {
    ...content,
    plan: planEnvelopes(profile.envelopeRules, { ...content, sizeBytes }),
    sizeBytes,
    category: given.category,
    priority: priorities[given.priority],
    sendAt: given.sendAt ?? null,
    expiresAt: given.expiresAt ?? null,
    tags: [...new Set(given.tags)],
    metadata: given.metadata,
    dryRun: given.dryRun,
  };
}

type Content = Omit<
  PreparedMail,
  'plan' | 'sizeBytes' | 'category' | 'priority' | 'sendAt' | 'expiresAt' | 'tags' | 'metadata' | 'dryRun'
>;

function composedParts(
  ctx: Context,
  profile: AcceptProfile,
  given: ComposedInput,
): Content & { given: ComposedInput } {
  const id = newId(ctx.clock.now().getTime());
  const isKept = given.from === undefined || mayKeepSender(profile, given.from.address, 'from');
  const from = isKept ? (given.from ?? null) : null;
  // Rewritten: the original stays reachable as Reply-To.
  const replyTo = given.replyTo ?? (!isKept && given.from !== undefined ? [given.from] : null);
  const internetMessageId = newInternetMessageId(
    id,
    from?.address ?? profile.senders.configured,
    ctx.settings.portalUrl,
  );
  const mail = composeMail(given, { id, internetMessageId, date: ctx.clock.now(), from, replyTo });
  return {
    ...mail,
    given,
    id,
    internetMessageId,
    subject: given.subject,
    fromAddress: from?.address ?? null,
    envelopeFrom: null,
    recipients: distinctRecipients([
      ['to', given.to],
      ['cc', given.cc],
      ['bcc', given.bcc],
    ]),
  };
}

function finishedParts(
  ctx: Context,
  profile: AcceptProfile,
  given: FinishedInput,
): Content & { given: FinishedInput } {
  const id = newId(ctx.clock.now().getTime());
  const mail: FinishedMail = readFinishedMail(given.mime, {
    newMessageId: (from) =>
      newInternetMessageId(id, from ?? profile.senders.configured, ctx.settings.portalUrl),
    date: ctx.clock.now(),
    isSenderKept: (address) => mayKeepSender(profile, address, 'mime'),
  });
  const envelopeFrom = given.envelope.from ?? null;
  if (
    envelopeFrom !== null &&
    envelopeFrom !== '' &&
    !mayKeepSender(profile, envelopeFrom, 'envelope.from')
  ) {
    throw senderRefused('envelope.from', envelopeFrom);
  }
  const kinds = new Map(mail.shownRecipients.map((shown) => [shown.address, shown.kind]));
  const addresses = [...new Set(given.envelope.to)];
  const recipients = addresses.map((address) => ({
    address,
    kind: kinds.get(address) ?? ('envelope' as const),
  }));
  const { shownRecipients: _, ...content } = mail;
  return { ...content, given, id, envelopeFrom, recipients };
}

// False: it may not stand, and the settings say that it is rewritten.
function mayKeepSender(profile: AcceptProfile, address: string, field: string): boolean {
  const decision = decideSender(profile.senders, address);
  if (decision === 'refuse') throw senderRefused(field, address);
  return decision === 'allowed';
}

function senderRefused(field: string, address: string): DomainError {
  const message = `${address} is not among the senders that this project and key allow.`;
  return new DomainError('sender_not_allowed', message, { issues: [{ field, message }] });
}

const furthestSendAtMs = 366 * 24 * 3_600_000;

function checkHandling(ctx: Context, given: ComposedInput | FinishedInput): void {
  const nowMs = ctx.clock.now().getTime();
  if (/^mailroom\./i.test(given.category) && ctx.actor.kind !== 'system') {
    throw invalidField(
      'category',
      "Categories that begin with mailroom. are kept for Mailroom's own notices.",
    );
  }
  for (const field of ['sendAt', 'expiresAt'] as const) {
    const time = given[field];
    if (time !== undefined && !isKeptTime(time)) {
      throw invalidField(field, 'This must be a time between 1970 and 9999.');
    }
  }
  if (given.sendAt !== undefined && given.sendAt.getTime() > nowMs + furthestSendAtMs) {
    throw invalidField('sendAt', 'A message can be sent at most 366 days from now.');
  }
  if (given.expiresAt === undefined) return;
  if (given.expiresAt.getTime() <= nowMs) throw invalidField('expiresAt', 'This time has passed already.');
  if (given.sendAt !== undefined && given.expiresAt <= given.sendAt) {
    throw invalidField('expiresAt', 'The message would expire before it is sent.');
  }
}
