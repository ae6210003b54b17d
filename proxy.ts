import { randomBytes } from 'node:crypto';
import { type NextRequest, NextResponse } from 'next/server';
import { readEnvironment } from '#lib/env.ts';
import { pathHeader } from './app/_server/path-header.ts';

const isHttps = readEnvironment(process.env).portalUrl?.startsWith('https:') === true;
// React rebuilds server stacks in the browser with eval, in development only.
const evalInDevelopment = process.env.NODE_ENV === 'development' ? " 'unsafe-eval'" : '';

// Styles may be inline: charts and toasts write style attributes, and a style cannot run code.
function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}'${evalInDevelopment}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Security headers of every page, with a fresh nonce that Next puts on its own scripts. Decides about nobody's rights. */
export function proxy(request: NextRequest): NextResponse {
  const policy = contentSecurityPolicy(randomBytes(16).toString('base64'));
  const headers = new Headers(request.headers);
  headers.set('content-security-policy', policy);
  headers.set(pathHeader, request.nextUrl.pathname + request.nextUrl.search);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('content-security-policy', policy);
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('referrer-policy', 'same-origin');
  response.headers.set('cross-origin-opener-policy', 'same-origin');
  response.headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()');
  if (isHttps) response.headers.set('strict-transport-security', 'max-age=31536000');
  return response;
}

export const config = {
  // The API answers no pages and is on the hot path; what Next built needs no nonce; a mail's own bytes come with a
  // stricter policy than a page's.
  matcher: [
    {
      source:
        '/((?!api/|_next/static|_next/image|favicon.ico|theme.js|[^/]+/[^/]+/messages/[^/]+/(?:preview|raw)).*)',
    },
  ],
};
