import { cookies, headers } from 'next/headers';
import type { NextRequest } from 'next/server';
import { DomainError } from '#lib/errors.ts';
import { linkOfConsent } from '#lib/oauth/consent-links.ts';
import { findConsent, finishConsent, type FoundConsent } from '#lib/oauth/finish-consent.ts';
import type { OauthFaultCode } from '#lib/oauth/token-codes.ts';
import { paths } from '#lib/paths.ts';
import type { Context } from '#lib/context.ts';
import { findContext } from '#app/_server/context.ts';
import { presentError } from '#app/_server/present-error.ts';
import { portalServices, wakeLane } from '#app/_server/services.ts';
import { readSessionId } from '#app/_server/session.ts';
import { requestSource } from '#app/_server/source.ts';
import { consentCookie } from '../consent-cookie.ts';

/** Where every provider leads back to. What it says is taken once, and the browser goes on to a page without it. */
export async function GET(request: NextRequest): Promise<Response> {
  const query = request.nextUrl.searchParams;
  const services = portalServices();
  const state = (query.get('state') ?? '').slice(0, 400);
  const found = await findConsent(services, state);
  if (found === null) return goTo(paths.consentDone({ code: 'OAUTH_CONSENT_EXPIRED' }));
  try {
    const { ctx, browser } = await whoIsBack(found);
    const finished = await finishConsent(ctx, found.projectId, {
      state,
      code: query.get('code'),
      error: query.get('error'),
      errorDescription: query.get('error_description'),
      issuer: query.get('iss'),
      isAdministratorConsent: query.get('admin_consent')?.toLowerCase() === 'true',
      browser,
    });
    if (finished.ok) wakeLane(finished.laneId);
    return goTo(pathAfter(found, finished.ok ? 'given' : finished.fault.code));
  } catch (error) {
    const { code } = presentError(error, services.log, 'finishConsent');
    return goTo(pathAfter(found, refusalCodes[code] ?? 'OAUTH_REFUSED'));
  }
}

/** The member who began it by the portal, or the browser that opened the link. */
async function whoIsBack(found: FoundConsent): Promise<{ ctx: Context; browser: string }> {
  if (found.linkId !== null) {
    const source = requestSource(await headers());
    const ctx = await linkOfConsent(portalServices(), source, found);
    return { ctx, browser: (await cookies()).get(consentCookie)?.value ?? 'none' };
  }
  const ctx = await findContext(found.organization);
  if (ctx === 'signed_out' || ctx === 'not_found') {
    throw new DomainError('unauthenticated', 'Your session has ended. Sign in and start the consent again.');
  }
  return { ctx, browser: (await readSessionId()) ?? 'none' };
}

/** Refusals of our own, in the codes that have a remedy. */
const refusalCodes: Readonly<Record<string, OauthFaultCode>> = {
  expired: 'OAUTH_CONSENT_EXPIRED',
  not_found: 'OAUTH_CONSENT_EXPIRED',
  unauthenticated: 'OAUTH_SESSION_ENDED',
  forbidden: 'OAUTH_SESSION_ENDED',
  unavailable: 'OAUTH_UNREACHABLE',
};

function pathAfter(found: FoundConsent, code: string): string {
  return found.linkId === null
    ? paths.mailSettings(found.organization, found.project, { consent: code })
    : paths.consentDone({ code });
}

// The address with the code must not stay in the history of the browser, nor be told on.
function goTo(path: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location: path, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  });
}
