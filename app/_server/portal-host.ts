import type { Environment } from '#lib/env.ts';

/**
 * The host under which the browser has the portal open. Behind a proxy of the operator's own the last entry of
 * X-Forwarded-Host is the one that the proxy itself wrote; otherwise anyone can write that header and Host counts.
 */
export function portalHost(headers: Headers, { isBehindProxy }: Pick<Environment, 'isBehindProxy'>): string {
  const forwarded = isBehindProxy ? headers.get('x-forwarded-host')?.split(',').at(-1)?.trim() : '';
  return (forwarded || headers.get('host')) ?? '';
}
