import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { sessions, users } from '#db/schema/people.ts';
import { recordAudit } from '../audit/record-audit.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError, invalidField } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { hashPassword, isPassword, newPassword } from './passwords.ts';

export const changePasswordInput = z.strictObject({
  current: z.string().min(1, 'Type your current password.').max(1024),
  next: newPassword,
  /** The session that goes on; all others of the person end. */
  sessionId: z.uuid(),
});
export type ChangePassword = z.input<typeof changePasswordInput>;

/** Changes the acting person's own password and ends the person's other sessions. */
export async function changePassword(ctx: Context, input: ChangePassword): Promise<void> {
  const { actor } = ctx;
  if (actor.kind !== 'user') throw new DomainError('forbidden', 'Only a person has a password.');
  const given = parseInput(changePasswordInput, input);
  const { rows } = await withTenant(ctx.database, tenantScope(ctx), (tx) =>
    tx.query<{ hash: string | null }>('select mailroom.own_password_hash() as hash'),
  );
  // Hashing takes tens of milliseconds, so it keeps no transaction open.
  if (!(await isPassword(rows[0]?.hash ?? null, given.current))) {
    throw invalidField('current', 'This is not your current password.');
  }
  const passwordHash = await hashPassword(given.next);
  await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    await tx.orm.update(users).set({ passwordHash }).where(eq(users.id, actor.userId));
    await tx.orm
      .update(sessions)
      .set({ revokedAt: sql`mailroom.now()` })
      .where(
        and(eq(sessions.userId, actor.userId), ne(sessions.id, given.sessionId), isNull(sessions.revokedAt)),
      );
    await recordAudit(tx, ctx, {
      action: 'password.changed',
      projectId: null,
      object: { kind: 'member', id: actor.userId, label: actor.email },
    });
  });
}
