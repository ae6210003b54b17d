import { and, asc, eq } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { recipients } from '#db/schema/messages.ts';
import { requirePermission } from '../access/can.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError, invalidField } from '../errors.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { sourceOf, withFreshProfile } from './accept-message.ts';
import type { AcceptProfile } from './accept-profile.ts';
import { mailDate, newInternetMessageId } from './compose.ts';
import { normalAddress } from './mailbox.ts';
import { splitEntity, withField } from './mime-entity.ts';
import { planEnvelopes } from './plan-envelopes.ts';
import type { PreparedMail } from './prepare-mail.ts';
import type { MessageRow } from './present-message.ts';
import type { Recipient } from './recipient.ts';
import { recordMessageEvent } from './record-message-event.ts';
import { maxRecipients } from './schemas.ts';
import { type AcceptedMessage, storeMails } from './store-mails.ts';
import { openStoredContent, type StoredContent } from './stored-content.ts';

const input = z.strictObject({
  project: z.string().max(64),
  id: z.string(),
  /** Other recipients than its own; absent: those that have not got it, or all where all have. */
  to: z.array(z.string().max(320)).min(1, 'Give a recipient.').max(maxRecipients).optional(),
});

const finished = new Set<MessageRow['state']>(['sent', 'failed', 'expired', 'cancelled', 'uncertain']);

/**
 * Sends a finished message again as a new one: same content, new Message-ID and Date, linked to the first. The
 * envelope alone says who gets it; To and Cc stay as they were.
 */
export async function resendMessage(ctx: Context, given: z.input<typeof input>): Promise<AcceptedMessage> {
  const { project, id, to } = parseInput(input, given);
  const content = await openStoredContent(ctx, { project, id });
  const original = content.message;
  requirePermission(ctx, 'messages.send', original.projectId);
  if (!finished.has(original.state)) {
    throw new DomainError('wrong_state', 'Only a finished message can be sent again.');
  }
  const mailRecipients = to === undefined ? await ownRecipients(ctx, original) : typedRecipients(to);
  return withFreshProfile(ctx, project, async (profile) => {
    const mail = await copyMail(ctx, profile, content, mailRecipients);
    const [stored] = await storeMails(ctx, profile, {
      source: sourceOf(ctx),
      mails: [{ mail, idempotency: null, resendOf: original.id }],
      alongside: (tx) =>
        recordMessageEvent(tx, ctx, original, 'resent', {
          resentAs: mail.id,
          recipients: mailRecipients.length,
          toOthers: to !== undefined,
        }),
    });
    return stored?.outcome === 'accepted' ? stored.message : 'stale';
  });
}

function typedRecipients(typed: readonly string[]): readonly Recipient[] {
  const addresses = typed.map((text, index) => {
    const address = normalAddress(text.trim());
    if (address === null) throw invalidField(`to.${index}`, 'This is not an e-mail address.');
    return address;
  });
  return [...new Set(addresses)].map((address) => ({ address, kind: 'envelope' }));
}

/** Those who have not got it, or all where all have. */
export async function ownRecipients(ctx: Context, original: MessageRow): Promise<readonly Recipient[]> {
  const rows = await withTenant(ctx.database, tenantScope(ctx), (tx) =>
    tx.orm
      .select({ address: recipients.address, kind: recipients.kind, state: recipients.state })
      .from(recipients)
      .where(and(eq(recipients.messageId, original.id), eq(recipients.projectId, original.projectId)))
      .orderBy(asc(recipients.position)),
  );
  const missing = rows.filter(({ state }) => state !== 'accepted');
  return (missing.length > 0 ? missing : rows).map(({ address, kind }) => ({ address, kind }));
}

/** The same content as a new mail, with a Message-ID and a Date of its own. */
export async function copyMail(
  ctx: Context,
  profile: AcceptProfile,
  content: StoredContent,
  mailRecipients: readonly Recipient[],
): Promise<PreparedMail> {
  const { message } = content;
  const id = newId(ctx.clock.now().getTime());
  const sender = message.fromAddress ?? profile.senders.configured;
  const internetMessageId = newInternetMessageId(id, sender, ctx.settings.portalUrl);
  const { fields } = splitEntity(`${content.storedHeaders}\r\n`);
  const dated = withField(fields, 'Date', mailDate(ctx.clock.now()));
  const headers = withField(dated, 'Message-ID', internetMessageId)
    .map((field) => field.raw)
    .join('');
  const slices: string[] = [];
  for await (const slice of content.slices()) slices.push(slice.toString('latin1'));
  const body = slices.join('');
  const sizeBytes = Buffer.byteLength(headers) + body.length;
  return {
    id,
    headers,
    filledHeaders: content.filledHeaders.flatMap((name) =>
      name === 'from' || name === 'reply-to' ? [name] : [],
    ),
    body,
    internetMessageId,
    category: message.category,
    priority: message.priority === 0 ? 0 : message.priority === 2 ? 2 : 1,
    sendAt: null,
    expiresAt: null,
    subject: message.subject,
    fromAddress: message.fromAddress,
    envelopeFrom: message.envelopeFrom,
    recipients: mailRecipients,
    plan: planEnvelopes(profile.envelopeRules, { id, sizeBytes, recipients: mailRecipients }),
    sizeBytes,
    tags: message.tags,
    metadata: z.record(z.string(), z.string()).parse(message.metadata),
    dryRun: false,
  };
}
