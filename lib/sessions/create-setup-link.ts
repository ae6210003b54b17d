import { asOwner } from '#db/client.ts';
import { setupLinks } from '#db/schema/people.ts';
import { sql } from 'drizzle-orm';
import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newToken } from '../ids.ts';
import { hashToken } from '../keys/hash-token.ts';
import { paths } from '../paths.ts';

/** How long a setup link is open. */
const setupLinkHours = 24;

/**
 * Makes the one-time address under which the first owner signs up; for the operator. Earlier links are closed. Throws
 * `wrong_state` once there is an account.
 */
export function createSetupLink(services: Services): Promise<{ url: string; expiresAt: Date }> {
  const token = newToken();
  return asOwner(services.database, async (tx) => {
    const { rows } = await tx.query<{ needed: boolean }>('select mailroom.needs_first_owner() as needed', []);
    if (rows[0]?.needed !== true) {
      throw new DomainError('wrong_state', 'Mailroom is set up. Its owners add people.');
    }
    await tx.orm.update(setupLinks).set({ usedAt: sql`coalesce(used_at, mailroom.now())` });
    const [link] = await tx.orm
      .insert(setupLinks)
      .values({
        tokenHash: hashToken(token),
        expiresAt: sql`mailroom.now() + make_interval(hours => ${setupLinkHours})`,
      })
      .returning({ expiresAt: setupLinks.expiresAt });
    if (link === undefined) throw new Error('the insert of a setup link returned no row');
    return { url: services.settings.portalUrl + paths.setup(token), expiresAt: link.expiresAt };
  });
}
