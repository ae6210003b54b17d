import { z } from 'zod';
import { asOwner } from '#db/client.ts';
import { organizations } from '#db/schema/people.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { requireKnownZone } from '../limits/change-calendar.ts';
import { parseInput } from '../parse-input.ts';
import { operatorContext } from './open-operator-context.ts';
import { name, slug, slugOf, timeZone } from './slugs.ts';
import { isUniqueViolation } from './unique-violation.ts';

export const createOrganizationInput = z.strictObject({
  name: name('organization'),
  /** How the organization stands in addresses; made from the name when it is left out. */
  slug: slug.optional(),
  timeZone: timeZone.default('UTC'),
});
export type CreateOrganization = z.input<typeof createOrganizationInput>;

export interface CreatedOrganization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
}

/** Makes an organization without people in it; for the operator. Throws `conflict` when the short name is taken. */
export async function createOrganization(
  services: Services,
  operator: string,
  input: CreateOrganization,
): Promise<CreatedOrganization> {
  const given = parseInput(createOrganizationInput, input);
  const made = { id: newId(), slug: given.slug ?? slugOf(given.name, 'slug'), name: given.name };
  try {
    await asOwner(services.database, async (tx) => {
      await requireKnownZone(tx, given.timeZone);
      await tx.orm.insert(organizations).values({ ...made, timeZone: given.timeZone });
      const ctx = operatorContext(services, { organizationId: made.id, label: operator });
      await recordAudit(tx, ctx, {
        action: 'organization.created',
        projectId: null,
        object: { kind: 'organization', id: made.id, label: made.name },
        detail: { slug: made.slug, timeZone: given.timeZone },
      });
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'organizations_slug_key')) throw error;
    throw new DomainError('conflict', 'Another organization has this short name.', {
      issues: [{ field: 'slug', message: 'Another organization has this short name.' }],
    });
  }
  return made;
}
