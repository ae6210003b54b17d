'use server';

import { headers } from 'next/headers';
import { type ClaimSetupLink, claimSetupLink } from '#lib/sessions/claim-setup-link.ts';
import type { ActionResult } from '../../../_server/action.ts';
import { presentError } from '../../../_server/present-error.ts';
import { portalServices } from '../../../_server/services.ts';
import { keepSession } from '../../../_server/session.ts';
import { requestSource } from '../../../_server/source.ts';

/** Makes the first owner; there is no session and no organization yet, the link's token is the right to it. */
export async function claimSetup(input: ClaimSetupLink): Promise<ActionResult<{ organization: string }>> {
  const services = portalServices();
  try {
    const claimed = await claimSetupLink(services, requestSource(await headers()), input);
    await keepSession(claimed.sessionId);
    return { ok: true, data: { organization: claimed.organizationSlug } };
  } catch (error) {
    return { ok: false, error: presentError(error, services.log, 'claimSetup') };
  }
}
