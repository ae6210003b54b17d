import { z } from 'zod';
import { withTenant } from '#db/client.ts';
import { requirePermission } from '../access/can.ts';
import { loadProject } from '../access/load-project.ts';
import { requireActive } from '../access/require-active.ts';
import { type Context, tenantScope } from '../context.ts';
import { DomainError } from '../errors.ts';
import { parseInput } from '../parse-input.ts';
import { beginConsent } from './begin-consent.ts';
import { loadOauth } from './load-oauth.ts';
import { otherPortalHost } from './redirect-url.ts';

const startInput = z.strictObject({
  project: z.string(),
  /** Microsoft only: an administrator grants the rights for the whole tenant. */
  kind: z.enum(['mailbox', 'administrator']).default('mailbox'),
  /** The id of the session that starts; only it can finish. */
  browser: z.string().min(16).max(200),
  /** The host under which the page is open: the provider leads back to the portal's own host, and the session would not be there. */
  portalHost: z.string().max(300),
});
export type StartConsent = z.input<typeof startInput>;

/**
 * Starts a consent for the saved settings and answers with the provider's address. Throws `wrong_state` where the
 * portal is open under another host than the redirect URL's, or the settings have no consent to give.
 */
export async function startConsent(ctx: Context, input: StartConsent): Promise<{ url: string }> {
  const { browser, kind, portalHost, project: reference } = parseInput(startInput, input);
  const expected = otherPortalHost(ctx, portalHost);
  const { project, oauth } = await withTenant(ctx.database, tenantScope(ctx), async (tx) => {
    const found = await loadProject(tx, ctx, reference);
    requirePermission(ctx, 'connections.consent', found.id);
    return { project: requireActive(found), oauth: await loadOauth(tx, ctx, found) };
  });
  if (expected !== null) {
    throw new DomainError(
      'wrong_state',
      `Open Mailroom at ${ctx.settings.portalUrl} first: the provider leads back there, and this page is open at ${portalHost}.`,
      { data: { expectedHost: expected } },
    );
  }
  if (oauth.settings.access === 'app_only' && kind === 'mailbox') {
    throw new DomainError(
      'wrong_state',
      'App-only needs no consent of the mailbox, but one of an administrator.',
    );
  }
  return beginConsent(ctx, { project, ...oauth, kind, browser, linkId: null });
}
