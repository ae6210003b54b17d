import { createHash } from 'node:crypto';
import { withTenant } from '#db/client.ts';
import { type Services, systemContext } from '../context.ts';
import { acceptMessage } from '../messages/accept-message.ts';
import type { NoticeCategory } from './announcement.ts';

/** A mail of Mailroom's own. */
export interface Notice {
  readonly organizationId: string;
  readonly category: NoticeCategory;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly expiresAt: Date;
  /** The same key is mailed once, however often it is asked for within 24 hours. */
  readonly key: string;
}

export type SentNotice =
  | { readonly kind: 'mailed'; readonly messageId: string }
  /** The organization has chosen no project, or has archived it since. */
  | { readonly kind: 'no_sender' };

/**
 * Hands a mail of Mailroom's own to the project that the organization has chosen for it. It goes before other mail, and
 * no limit, flood or quota holds it; it counts in them all the same (PRODUCT 5.3).
 */
export async function sendNotice(services: Services, notice: Notice): Promise<SentNotice> {
  const sender = await findSender(services, notice.organizationId);
  if (sender === null) return { kind: 'no_sender' };
  const answer = await acceptMessage(
    systemContext(services, notice),
    sender,
    {
      to: notice.to,
      subject: notice.subject,
      text: notice.text,
      category: notice.category,
      priority: 'high',
      expiresAt: notice.expiresAt.toISOString(),
      // So that no absence reply comes back, which nobody reads (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
    },
    { idempotency: { key: notice.key, fingerprint: createHash('sha256').update(notice.key).digest() } },
  );
  if (answer.kind !== 'accepted') throw new Error('a notice is never a dry run');
  return { kind: 'mailed', messageId: answer.message.id };
}

async function findSender({ database }: Services, organizationId: string): Promise<string | null> {
  const { rows } = await withTenant(database, { organizationId, userId: null }, (tx) =>
    tx.query<{ id: string }>(
      `select p.id from mailroom.organizations o
       join mailroom.projects p on p.id = o.notice_project_id and p.archived_at is null
       where o.id = $1 and o.archived_at is null`,
      [organizationId],
    ),
  );
  return rows[0]?.id ?? null;
}
