import { presentError } from '#app/_server/present-error.ts';
import { portalServices } from '#app/_server/services.ts';
import { requestSource } from '#app/_server/source.ts';
import { type AuthenticateOptions, authenticateKey } from '#lib/api/authenticate-key.ts';
import { ApiError, problemResponse, type Refusal } from '#lib/api/problem.ts';
import type { Context } from '#lib/context.ts';

export interface ApiCall<Params> {
  readonly ctx: Context;
  readonly request: Request;
  readonly params: Params;
}

type Handler<Params> = (request: Request, route: { params: Promise<Params> }) => Promise<Response>;

/** The one way to make a route of the API: key → context → answer, every refusal as problem details. */
export function apiRoute<Params>(
  answer: (call: ApiCall<Params>) => Promise<Response>,
  options: AuthenticateOptions = { mayBeKept: false },
): Handler<Params> {
  return async (request, route) => {
    try {
      const services = portalServices();
      const source = requestSource(request.headers);
      const ctx = await authenticateKey(services, request.headers.get('authorization'), source, options);
      return await answer({ ctx, request, params: await route.params });
    } catch (error) {
      const services = portalServices();
      return problemResponse(refusalOf(error), services.settings.portalUrl);
    }
  };
}

/** What the API says of anything thrown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof ApiError) {
    return { code: error.code, message: error.message, issues: [], data: {}, reference: null };
  }
  const refusal = presentError(error, portalServices().log, 'api');
  if (refusal.code !== 'unavailable' || refusal.reference === null) return refusal;
  const trouble = refusal.data['trouble'];
  const sentence = typeof trouble === 'string' ? trouble : 'The database does not answer.';
  return { ...refusal, message: `${sentence} Try again, with the same idempotency key.` };
}

/** An answer that no cache keeps. */
export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store', ...headers } });
}

/** What an address answers to the methods that it does not take. `allowed` as the Allow header says it. */
export function refuseMethod(allowed: string): () => Response {
  return () => {
    const error = new ApiError('method_not_allowed', `This address takes ${allowed}.`);
    const response = problemResponse(refusalOf(error), portalServices().settings.portalUrl);
    response.headers.set('allow', allowed);
    return response;
  };
}
