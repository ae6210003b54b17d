import type { Context } from '#lib/context.ts';
import { DomainError } from '#lib/errors.ts';
import { findContext } from './context.ts';
import { presentError } from './present-error.ts';
import { portalServices } from './services.ts';

const statusOf: Readonly<Record<string, number>> = {
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  expired: 410,
  unavailable: 503,
};

/**
 * A file of a signed-in person's organization, never kept by a cache. Refusals are plain text with their status: the
 * reader sees them as they are.
 */
export async function answerFile(
  organization: string,
  make: (ctx: Context) => Promise<Response>,
): Promise<Response> {
  try {
    const ctx = await findContext(organization);
    if (ctx === 'signed_out')
      throw new DomainError('unauthenticated', 'Your session has ended. Sign in again.');
    if (ctx === 'not_found') throw new DomainError('not_found', 'There is no such organization.');
    const response = await make(ctx);
    response.headers.set('cache-control', 'private, no-store');
    response.headers.set('x-content-type-options', 'nosniff');
    return response;
  } catch (error) {
    const presented = presentError(error, portalServices().log, 'file');
    return new Response(`${presented.message}\n`, {
      status: statusOf[presented.code] ?? (presented.code === 'unexpected' ? 500 : 400),
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        ...(presented.code === 'unavailable'
          ? { 'retry-after': `${Number(presented.data['retryAfterSeconds'])}` }
          : {}),
      },
    });
  }
}
