import { withTenant } from '#db/client.ts';
import { type Context, tenantScope } from '../context.ts';
import { type AcceptedMessage, acceptedMessage, type MailToStore } from './store-mails.ts';

/**
 * The first answer to this idempotency key and body within 24 hours; null where there is none. For calls that would
 * be refused by now, because of the clock or of newer settings: what was accepted once keeps its answer.
 */
export function findReplay(
  ctx: Context,
  projectId: string,
  { key, fingerprint }: NonNullable<MailToStore['idempotency']>,
): Promise<AcceptedMessage | null> {
  return withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const { rows } = await tx.query<{ response: unknown }>(
      `select response from mailroom.idempotency_keys
       where organization_id = $1 and project_id = $2 and key = $3 and fingerprint = $4
         and created_at > mailroom.now() - interval '24 hours'`,
      [ctx.organizationId, projectId, key, fingerprint],
    );
    const [row] = rows;
    return row === undefined ? null : acceptedMessage.parse(row.response);
  });
}
