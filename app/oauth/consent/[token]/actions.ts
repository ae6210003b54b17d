'use server';

import { cookies, headers } from 'next/headers';
import { startConsentByLink } from '#lib/oauth/consent-links.ts';
import { newToken } from '#lib/ids.ts';
import type { ActionResult } from '#app/_server/action.ts';
import { presentError } from '#app/_server/present-error.ts';
import { portalEnvironment, portalServices } from '#app/_server/services.ts';
import { requestSource } from '#app/_server/source.ts';
import { consentCookie } from '../../consent-cookie.ts';

const consentSeconds = 20 * 60;

/** Starts the consent of a link; there is no session, the link's token is the right to it. */
export async function consentByLink(
  token: string,
  kind: 'mailbox' | 'administrator',
): Promise<ActionResult<{ url: string }>> {
  const services = portalServices();
  try {
    const browser = newToken();
    const started = await startConsentByLink(services, requestSource(await headers()), {
      token,
      kind,
      browser,
    });
    (await cookies()).set(consentCookie, browser, {
      httpOnly: true,
      sameSite: 'lax',
      path: '/oauth',
      secure: portalEnvironment().portalUrl.startsWith('https:'),
      maxAge: consentSeconds,
    });
    return { ok: true, data: started };
  } catch (error) {
    return { ok: false, error: presentError(error, services.log, 'consentByLink') };
  }
}
