import { z } from 'zod';
import { withoutTenant } from '#db/client.ts';
import type { Services } from '../context.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { hashToken } from '../keys/hash-token.ts';
import { name, slugOf, timeZone } from '../organizations/slugs.ts';
import { parseInput } from '../parse-input.ts';
import { emailAddress } from '../settings/schemas.ts';
import { openSession } from './open-session.ts';
import { hashPassword, newPassword } from './passwords.ts';
import type { Source } from './source.ts';

export const claimSetupLinkInput = z.strictObject({
  token: z.string().min(1).max(200),
  email: emailAddress.toLowerCase(),
  name: name('person'),
  password: newPassword,
  organizationName: name('organization'),
  timeZone: timeZone.default('UTC'),
});
export type ClaimSetupLink = z.input<typeof claimSetupLinkInput>;

/** Whether the link can still be claimed. */
export async function isSetupLinkOpen(services: Services, token: string): Promise<boolean> {
  const { rows } = await withoutTenant(services.database, (tx) =>
    tx.query<{ open: boolean }>('select mailroom.is_setup_link_open($1) as open', [hashToken(token)]),
  );
  return rows[0]?.open === true;
}

/**
 * Makes the first owner and organization for the holder of the link, and signs the owner in. Throws `expired` when the
 * link was used or has ended.
 */
export async function claimSetupLink(
  services: Services,
  source: Source,
  input: ClaimSetupLink,
): Promise<{ sessionId: string; organizationSlug: string }> {
  const given = parseInput(claimSetupLinkInput, input);
  const organizationSlug = slugOf(given.organizationName, 'organizationName');
  const userId = newId();
  if (!(await isSetupLinkOpen(services, given.token))) throw closed();
  const passwordHash = await hashPassword(given.password);
  return withoutTenant(services.database, async (tx) => {
    const { rows } = await tx.query<{ claimed: boolean }>(
      'select mailroom.claim_setup_link($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as claimed',
      [
        hashToken(given.token),
        userId,
        given.email,
        given.name,
        passwordHash,
        newId(),
        organizationSlug,
        given.organizationName,
        given.timeZone,
        newId(),
        source.ip,
        source.userAgent,
      ],
    );
    if (rows[0]?.claimed !== true) throw closed();
    return { sessionId: await openSession(tx, { userId, source }), organizationSlug };
  });
}

function closed(): DomainError {
  return new DomainError(
    'expired',
    'This link was used or has ended. "npm run mailroom -- setup-link" prints a new one.',
  );
}
