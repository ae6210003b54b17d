import { randomUUID } from 'node:crypto';
import { Refusal } from './refusal.ts';
import type { GraphAnswer } from './routes.ts';
import type { GraphFault } from './settings.ts';

/** What a switched-on fault answers; null where it answers nothing. */
export function faultAnswer({ does }: GraphFault): GraphAnswer | null {
  if (does.kind !== 'answer') return null;
  if (does.html === true) {
    const headers = { 'content-type': 'text/html', ...does.headers };
    return { status: does.status, json: '<html><body>Gateway</body></html>', headers };
  }
  if (does.code === undefined) return { status: does.status, headers: does.headers ?? {} };
  return refusalAnswer(
    new Refusal(does.status, does.code, 'Simulated.', {
      ...(does.innerCode === undefined ? {} : { innerCode: does.innerCode }),
      ...(does.headers === undefined ? {} : { headers: does.headers }),
    }),
  );
}

/** A refusal in the words of Graph [Microsoft Graph error responses]. */
export function refusalAnswer(refusal: Refusal): GraphAnswer {
  const innerError = {
    ...(refusal.innerCode === null ? {} : { code: refusal.innerCode }),
    'request-id': randomUUID(),
    date: new Date(0).toISOString().slice(0, 19),
  };
  const json = { error: { code: refusal.code, message: refusal.message, innerError } };
  return { status: refusal.status, json, headers: refusal.headers };
}
