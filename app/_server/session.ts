import type { AuthOptions } from 'next-auth';
import { getServerSession } from 'next-auth';
import Credentials from 'next-auth/providers/credentials';
import { encode } from 'next-auth/jwt';
import { cookies } from 'next/headers';
import { cache } from 'react';
import { z } from 'zod';
import { isId } from '#lib/ids.ts';
import { closeSession } from '#lib/sessions/close-session.ts';
import { type ResolvedSession, resolveSession } from '#lib/sessions/resolve-session.ts';
import { sessionLifetimeSeconds } from '#lib/sessions/session-lifetime.ts';
import { signIn } from '#lib/sessions/sign-in.ts';
import { presentError } from './present-error.ts';
import { portalEnvironment, portalServices } from './services.ts';
import { requestSource } from './source.ts';

const sessionCookie = z.object({ sessionId: z.string().refine(isId) });

function sessionSecret(): { secret: string; isSecure: boolean } {
  const { sessionSecret: secret, portalUrl } = portalEnvironment();
  if (secret === null) throw new Error('NEXTAUTH_SECRET is not set; it signs sessions.');
  return { secret, isSecure: portalUrl.startsWith('https:') };
}

/** next-auth's options. The cookie's token carries the id of a row in sessions and nothing else. */
export function authOptions(): AuthOptions {
  const { secret, isSecure } = sessionSecret();
  // next-auth reads its own address from here alone.
  process.env['NEXTAUTH_URL'] = portalEnvironment().portalUrl;
  return {
    secret,
    useSecureCookies: isSecure,
    pages: { signIn: '/sign-in', error: '/sign-in', signOut: '/sign-in' },
    session: { strategy: 'jwt', maxAge: sessionLifetimeSeconds },
    providers: [
      Credentials({
        credentials: { email: { type: 'email' }, password: { type: 'password' } },
        authorize: (credentials, request) => authorize(credentials, headersOf(request.headers)),
      }),
    ],
    callbacks: {
      jwt: ({ token, user }) => ({ sub: user?.id ?? token.sub }),
      session: ({ token }) => ({ expires: '', sessionId: token.sub }),
    },
    events: {
      signOut: async ({ token }) => {
        if (typeof token?.sub === 'string') await closeSession(portalServices(), token.sub);
      },
    },
    logger: {
      error: (code) => portalServices().log.warn({ code }, 'next-auth refused a request'),
      warn: () => undefined,
      debug: () => undefined,
    },
  };
}

// A thrown sentence travels to the sign-in page as next-auth's `error`; only refusals that a person may read do.
async function authorize(credentials: unknown, headers: Headers): Promise<{ id: string }> {
  const services = portalServices();
  try {
    const { sessionId } = await signIn(services, requestSource(headers), credentials);
    return { id: sessionId };
  } catch (error) {
    throw new Error(presentError(error, services.log, 'signIn').message, { cause: error });
  }
}

function headersOf(given: unknown): Headers {
  const parsed = z.record(z.string(), z.unknown()).safeParse(given);
  const headers = new Headers();
  for (const [name, value] of Object.entries(parsed.success ? parsed.data : {})) {
    if (typeof value === 'string') headers.set(name, value);
  }
  return headers;
}

/** The id that the request's cookie carries; whether that session is still open is another question. */
export const readSessionId = cache(async (): Promise<string | null> => {
  const parsed = sessionCookie.safeParse(await getServerSession(authOptions()));
  return parsed.success ? parsed.data.sessionId : null;
});

/** The person behind the request's cookie and where that person is a member; null when nobody is signed in. */
export const findSession = cache(async (): Promise<ResolvedSession | null> => {
  const sessionId = await readSessionId();
  return sessionId === null ? null : resolveSession(portalServices(), sessionId);
});

/** For what outlives its request. While the database is away nobody can say that a session has ended. */
export async function isSessionOpen(sessionId: string): Promise<boolean> {
  try {
    return (await resolveSession(portalServices(), sessionId)) !== null;
  } catch {
    return true;
  }
}

/** Signs the browser in with a session that a verb has opened otherwise; in a server action only. */
export async function keepSession(sessionId: string): Promise<void> {
  const { secret, isSecure } = sessionSecret();
  const token = await encode({ token: { sub: sessionId }, secret, maxAge: sessionLifetimeSeconds });
  (await cookies()).set(cookieName(isSecure), token, {
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    secure: isSecure,
    maxAge: sessionLifetimeSeconds,
  });
}

/** Ends the request's session, in the database and in the browser; in a server action only. */
export async function endSession(): Promise<void> {
  const sessionId = await readSessionId();
  if (sessionId !== null) await closeSession(portalServices(), sessionId);
  (await cookies()).delete(cookieName(sessionSecret().isSecure));
}

// next-auth's own name for the cookie.
function cookieName(isSecure: boolean): string {
  return `${isSecure ? '__Secure-' : ''}next-auth.session-token`;
}
