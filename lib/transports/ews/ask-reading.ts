import type { EwsDesk } from './desk.ts';
import { openCall, type Asked, type CallWish } from './open-call.ts';

/**
 * A request that changes nothing, so it may be repeated: on a fresh connection where one that had rested was dead,
 * with a new token where the first was refused; each once.
 */
export async function askReading(desk: EwsDesk, body: string, wish: CallWish): Promise<Asked> {
  const call = await openCall(desk, wish);
  if (call.kind === 'ended') {
    if (call.isStale && wish.wantsFresh !== true)
      return askReading(desk, body, { ...wish, wantsFresh: true });
    return call;
  }
  const asked = await call.ask(body, {
    signal: wish.signal,
    deadlineMs: desk.options.deadlines.readMs,
    isSend: false,
  });
  if (asked.kind === 'ended') {
    if (asked.isStale && wish.wantsFresh !== true)
      return askReading(desk, body, { ...wish, wantsFresh: true });
    return asked;
  }
  const { judged } = asked;
  const isRefused = judged.kind === 'refused' && judged.verdict.code === 'EWS_TOKEN_REFUSED';
  if (isRefused && call.token !== null && (wish.refusedToken ?? null) === null) {
    return askReading(desk, body, { ...wish, refusedToken: call.token });
  }
  return asked;
}
