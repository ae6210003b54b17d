import type { SettingsWarning } from './warning.ts';

export type RedirectProvider = 'microsoft' | 'google' | 'other';

/** Names that never are in the public DNS (RFC 2606, RFC 6761, RFC 6762, RFC 8375) and what companies use like them. */
const privateName =
  /\.(?:test|example|invalid|localhost|local|internal|intranet|lan|private|corp|home|home\.arpa)$/;

/**
 * What the provider will say to the redirect URL of this portal when it is registered; null where it takes it.
 * Microsoft: https, and http for localhost alone. Google: https with a host below a public top-level domain and no bare
 * address; localhost and the loopback addresses in either scheme. Others have their own rules. Pure.
 */
export function redirectWarning(provider: RedirectProvider, redirectUrl: string): SettingsWarning | null {
  const url = new URL(redirectUrl);
  const refusal = refusals[provider](url);
  return refusal === null
    ? null
    : { code: 'redirect_refused', field: 'connection.authentication.kind', ...refusal };
}

const serveHttps = 'Serve the portal over https and set MAILROOM_PORTAL_URL to that address.';

type Refusal = Pick<SettingsWarning, 'text' | 'wayOut'> | null;

const refusals: Readonly<Record<RedirectProvider, (url: URL) => Refusal>> = {
  microsoft: ({ protocol, hostname, port }) => {
    if (protocol === 'https:' || hostname === 'localhost') return null;
    const local = `http://localhost${port === '' ? '' : `:${port}`}`;
    return {
      text: 'Microsoft refuses this redirect URL: it takes http for the name localhost only.',
      wayOut: isLoopback(hostname)
        ? `Set MAILROOM_PORTAL_URL to ${local} and open the portal there.`
        : serveHttps,
    };
  },
  google: ({ protocol, hostname }) => {
    if (isLoopback(hostname)) return null;
    if (protocol !== 'https:') {
      return {
        text: 'Google refuses this redirect URL: it takes http for localhost only.',
        wayOut: serveHttps,
      };
    }
    if (isPublicName(hostname)) return null;
    return {
      text: 'Google refuses this redirect URL: its host must end in a public top-level domain, such as .com.',
      wayOut:
        'Give the portal a public name and set MAILROOM_PORTAL_URL to it. It need not be reachable from outside.',
    };
  },
  other: () => null,
};

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

// A bare address has digits where a name has its top-level domain, or brackets.
function isPublicName(hostname: string): boolean {
  return /\.[a-z][a-z0-9-]+$/.test(hostname) && !privateName.test(hostname);
}
