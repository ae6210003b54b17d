import { portalServices } from '#app/_server/services.ts';
import { readReadiness } from '#lib/read-readiness.ts';

export const dynamic = 'force-dynamic';

/** 200 when mail can be accepted and sent, otherwise 503; the body says what is missing. */
export async function GET(): Promise<Response> {
  const { isReady, reason, checks } = await readReadiness(portalServices());
  return Response.json(
    { status: isReady ? 'ready' : 'not ready', reason, checks },
    {
      status: isReady ? 200 : 503,
      headers: { 'cache-control': 'no-store', ...(isReady ? {} : { 'retry-after': '5' }) },
    },
  );
}
