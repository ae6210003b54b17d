import { z } from 'zod';
import { asOwner, type Transaction } from '#db/client.ts';
import { memberships, users } from '#db/schema/people.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../parse-input.ts';
import { hashPassword, newPassword } from '../sessions/passwords.ts';
import { emailAddress } from '../settings/schemas.ts';
import { openOperatorContext } from './open-operator-context.ts';
import { name } from './slugs.ts';
import { isUniqueViolation } from './unique-violation.ts';

export const createOwnerInput = z.strictObject({
  /** Short name or id. */
  organization: z.string().min(1, 'Name the organization.'),
  email: emailAddress.toLowerCase(),
  name: name('person'),
  password: newPassword,
});
export type CreateOwner = z.input<typeof createOwnerInput>;

/** Makes a person who owns the organization; for the operator. Throws `conflict` when the address has an account. */
export async function createOwner(
  services: Services,
  operator: string,
  input: CreateOwner,
): Promise<{ id: string; email: string }> {
  const given = parseInput(createOwnerInput, input);
  const ctx = await openOperatorContext(services, { organization: given.organization, label: operator });
  const person = { id: newId(), email: given.email, name: given.name };
  const passwordHash = await hashPassword(given.password);
  try {
    await asOwner(services.database, async (tx) => {
      await insertOwner(tx, ctx.organizationId, { ...person, passwordHash });
      await recordAudit(tx, ctx, {
        action: 'member.created',
        projectId: null,
        object: { kind: 'member', id: person.id, label: person.email },
        detail: { role: 'owner' },
      });
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'users_email_key')) throw error;
    throw new DomainError('conflict', 'This address has an account already.', {
      issues: [{ field: 'email', message: 'This address has an account already.' }],
    });
  }
  return { id: person.id, email: person.email };
}

async function insertOwner(
  tx: Transaction,
  organizationId: string,
  person: typeof users.$inferInsert,
): Promise<void> {
  await tx.orm.insert(users).values(person);
  await tx.orm.insert(memberships).values({ organizationId, userId: person.id, role: 'owner' });
}
