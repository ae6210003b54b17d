import type { Context } from '#lib/context.ts';

const longestUserAgent = 400;

/**
 * Where a request comes from. Behind a proxy the last entry of X-Forwarded-For is the one that the proxy itself wrote;
 * without one the portal's server has put the socket's own address there.
 */
export function requestSource(headers: Headers): Context['source'] {
  const forwarded = headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '';
  const userAgent = headers.get('user-agent') ?? '';
  return {
    ip: readAddress(forwarded),
    userAgent: userAgent === '' ? null : userAgent.slice(0, longestUserAgent),
  };
}

// "::ffff:10.0.0.1" is how a dual-stack socket writes an IPv4 address.
function readAddress(text: string): string | null {
  const address = text.replace(/^::ffff:(?=\d+\.)/i, '');
  return /^[0-9a-f.:]{2,45}$/i.test(address) ? address : null;
}
