import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type DatabaseTrouble, databaseTrouble } from '#lib/database-trouble.ts';
import { portalServices } from './services.ts';

/** A page that would wait longer than this for the database says so instead. */
const answerWithinMs = 3000;
/** While it is away, so long one look serves all requests. */
const rememberMs = 500;

let looking: Promise<DatabaseTrouble | null> | null = null;
let known: { readonly trouble: DatabaseTrouble; readonly atMs: number } | null = null;

/** Whether the request is for a page: each of them needs the database. Files, the API and form posts are not. */
export function isForPage({
  method,
  url,
  headers,
}: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (/^\/(?:api|_next)\/|\.[a-z]{2,5}(?:\?|$)/.test(url ?? '/')) return false;
  return headers['rsc'] !== undefined || (headers.accept ?? '').includes('text/html');
}

/** What the database suffers from, so that no page can be made now; null when it answers. Requests share a look. */
export async function findTrouble(): Promise<DatabaseTrouble | null> {
  if (known !== null && performance.now() - known.atMs < rememberMs) return known.trouble;
  looking ??= look().finally(() => {
    looking = null;
  });
  const trouble = await looking;
  known = trouble === null ? null : { trouble, atMs: performance.now() };
  return trouble;
}

async function look(): Promise<DatabaseTrouble | null> {
  const { database, log } = portalServices();
  const late = new AbortController();
  const answered = database.pool.query('select 1').then(
    () => null,
    (error: unknown) => {
      const trouble = databaseTrouble(error);
      if (trouble === null) log.error({ err: error }, 'the database refuses the simplest question');
      return trouble ?? 'away';
    },
  );
  const isFull = database.pool.waitingCount > 0;
  const unanswered = pause(answerWithinMs, isFull ? ('busy' as const) : ('away' as const), {
    signal: late.signal,
  }).catch(() => null);
  const trouble = await Promise.race([answered, unanswered]);
  late.abort();
  return trouble;
}
