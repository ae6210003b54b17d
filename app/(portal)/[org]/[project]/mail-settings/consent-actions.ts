'use server';

import { headers } from 'next/headers';
import type { Context } from '#lib/context.ts';
import { createConsentLink } from '#lib/oauth/consent-links.ts';
import { revokeConsentLink } from '#lib/oauth/revoke-consent-link.ts';
import { disconnect } from '#lib/oauth/disconnect.ts';
import { startConsent, type StartConsent } from '#lib/oauth/start-consent.ts';
import { defineAction } from '#app/_server/action.ts';
import { portalHost } from '#app/_server/portal-host.ts';
import { portalEnvironment } from '#app/_server/services.ts';
import { readSessionId } from '#app/_server/session.ts';

export const startConsentHere = defineAction(fromThisBrowser, { refreshes: false });
export const makeConsentLink = defineAction(createConsentLink);
export const endConsentLink = defineAction(revokeConsentLink);
export const endConsent = defineAction(disconnect);

/** Binds the consent to the session that starts it and to the host under which the page is open. */
async function fromThisBrowser(
  ctx: Context,
  input: Pick<StartConsent, 'project' | 'kind'>,
): Promise<{ url: string }> {
  const browser = (await readSessionId()) ?? '';
  const host = portalHost(await headers(), portalEnvironment());
  return startConsent(ctx, { ...input, browser, portalHost: host });
}
