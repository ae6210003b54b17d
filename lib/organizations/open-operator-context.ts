import { eq } from 'drizzle-orm';
import { asOwner } from '#db/client.ts';
import { organizations } from '#db/schema/people.ts';
import type { Context, Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { isId } from '../ids.ts';

/** The operator's context in one organization, by short name or id. Whoever can run it can read the database anyway. */
export async function openOperatorContext(
  services: Services,
  { organization, label }: { organization: string; label: string },
): Promise<Context> {
  const [found] = await asOwner(services.database, (tx) =>
    tx.orm
      .select({ id: organizations.id })
      .from(organizations)
      .where(isId(organization) ? eq(organizations.id, organization) : eq(organizations.slug, organization)),
  );
  if (found === undefined) throw new DomainError('not_found', 'There is no such organization.');
  return operatorContext(services, { organizationId: found.id, label });
}

/** The operator's context in an organization whose id is known. */
export function operatorContext(
  services: Services,
  { organizationId, label }: { organizationId: string; label: string },
): Context {
  return {
    ...services,
    organizationId,
    actor: { kind: 'operator', label },
    source: { ip: null, userAgent: 'command line' },
  };
}
