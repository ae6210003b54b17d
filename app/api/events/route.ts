import { listenToChanges } from '../../_server/change-feed.ts';
import { findContext } from '../../_server/context.ts';
import { presentError } from '../../_server/present-error.ts';
import { portalServices } from '../../_server/services.ts';
import { isSessionOpen, readSessionId } from '../../_server/session.ts';

export const dynamic = 'force-dynamic';

const beatEveryMs = 15_000;

/**
 * Server-sent events of one organization (`?org=`, its short name): a nameless event says that the page's data is old, `database` says "away" or
 * "back". The stream ends when the session has ended; the browser's next connection then meets 401.
 */
export async function GET(request: Request): Promise<Response> {
  const ctx = await findContext(new URL(request.url).searchParams.get('org') ?? '').catch(refusal);
  if (ctx instanceof Response) return ctx;
  const sessionId = await readSessionId();
  if (ctx === 'signed_out' || sessionId === null) return new Response(null, { status: 401 });
  if (ctx === 'not_found') return new Response(null, { status: 404 });
  return new Response(eventStream(ctx.organizationId, sessionId, request.signal), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}

function refusal(error: unknown): Response {
  const { code, data } = presentError(error, portalServices().log, 'events');
  if (code !== 'unavailable') return new Response(null, { status: 500 });
  const retryAfter = data['retryAfterSeconds'];
  return new Response(null, { status: 503, headers: { 'retry-after': `${Number(retryAfter)}` } });
}

function eventStream(
  organizationId: string,
  sessionId: string,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const ended = new AbortController();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string): void => {
        if (!ended.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const finish = (): void => {
        if (ended.signal.aborted) return;
        ended.abort();
        controller.close();
      };
      const stopListening = listenToChanges(organizationId, (event) => {
        if (event === 'changed') send('data: changed\n\n');
        else send(`event: database\ndata: ${event === 'database_away' ? 'away' : 'back'}\n\n`);
      });
      const beat = setInterval(() => {
        void isSessionOpen(sessionId).then((isOpen) => (isOpen ? send(': beat\n\n') : finish()));
      }, beatEveryMs);
      ended.signal.addEventListener('abort', () => {
        stopListening();
        clearInterval(beat);
      });
      signal.addEventListener('abort', finish, { signal: ended.signal });
      send('retry: 2000\n\n');
    },
    cancel: () => ended.abort(),
  });
}
