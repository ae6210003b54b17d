import { setTimeout as pause } from 'node:timers/promises';

/** The first line of a stream that matches; fails after `withinMs` with everything read until then. */
export async function waitForLine(
  stream: NodeJS.ReadableStream,
  pattern: RegExp,
  withinMs = 30_000,
): Promise<RegExpMatchArray> {
  let text = '';
  return await new Promise((settle, fail) => {
    const finish = (): void => {
      clearTimeout(timer);
      stream.off('data', read);
      stream.off('end', ended);
    };
    const read = (chunk: Buffer | string): void => {
      text += chunk.toString();
      const match = text.match(pattern);
      if (match === null) return;
      finish();
      settle(match);
    };
    const ended = (): void => {
      finish();
      fail(new Error(`the stream ended without ${String(pattern)}; it said:\n${text}`));
    };
    const timer = setTimeout(() => {
      finish();
      fail(new Error(`no ${String(pattern)} within ${withinMs} ms; it said:\n${text}`));
    }, withinMs);
    stream.on('data', read);
    stream.on('end', ended);
  });
}

/**
 * Asks until `look` gives a value other than undefined and false, for what tells nobody when it changes: a row in
 * Postgres, the state of another process. Where there is an event to await, await that.
 */
export async function waitUntil<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  options: { withinMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + (options.withinMs ?? 60_000);
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) {
      throw new Error(`${what}: not within ${options.withinMs ?? 60_000} ms`);
    }
    await pause(options.everyMs ?? 25);
  }
}
