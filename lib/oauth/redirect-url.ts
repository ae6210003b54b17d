import type { Context } from '../context.ts';
import { paths } from '../paths.ts';

/** Where every provider leads back to; to be registered there exactly so. */
export function redirectUrl({ settings }: Pick<Context, 'settings'>): string {
  return settings.portalUrl + paths.oauthCallback();
}

/** The host under which the portal must be open for a consent; null where it is (PRODUCT 2.9). */
export function otherPortalHost(ctx: Pick<Context, 'settings'>, host: string): string | null {
  const expected = new URL(redirectUrl(ctx)).host;
  return host.trim().toLowerCase() === expected.toLowerCase() ? null : expected;
}
