import { expect, test } from 'vitest';
import { LargeMails } from '#lib/transports/graph/large-mails.ts';

const noAbort = new AbortController().signal;

/** Work that ends when it is told. */
function held() {
  const { promise, resolve } = Promise.withResolvers<string>();
  const state = { isRunning: false };
  const work = (): Promise<string> => {
    state.isRunning = true;
    return promise;
  };
  return { work, state, end: resolve };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('large mails share the room, and wait for it in their order', async () => {
  const mails = new LargeMails(100);
  const [first, second, third] = [held(), held(), held()];
  const all = [
    mails.within(60, noAbort, first.work),
    mails.within(60, noAbort, second.work),
    mails.within(30, noAbort, third.work),
  ];
  await turn();
  expect([first, second, third].map(({ state }) => state.isRunning)).toEqual([true, false, false]);
  first.end('one');
  await turn();
  expect([second, third].map(({ state }) => state.isRunning)).toEqual([true, true]);
  second.end('two');
  third.end('three');
  expect(await Promise.all(all)).toEqual(['one', 'two', 'three']);
});

test('a mail that is larger than all the room goes alone', async () => {
  const mails = new LargeMails(100);
  const first = held();
  const running = mails.within(500, noAbort, first.work);
  const next = held();
  const waiting = mails.within(1, noAbort, next.work);
  await turn();
  expect(next.state.isRunning).toBe(false);
  first.end('large');
  next.end('small');
  expect(await Promise.all([running, waiting])).toEqual(['large', 'small']);
});

test('the signal ends a wait, and lets those behind go on', async () => {
  const mails = new LargeMails(100);
  const [first, second, third] = [held(), held(), held()];
  const running = mails.within(60, noAbort, first.work);
  const abort = new AbortController();
  const given = mails.within(90, abort.signal, second.work);
  const behind = mails.within(40, noAbort, third.work);
  abort.abort();
  expect(await given).toBeNull();
  await turn();
  expect(third.state.isRunning).toBe(true);
  first.end('one');
  third.end('three');
  expect(await Promise.all([running, behind])).toEqual(['one', 'three']);
  expect(second.state.isRunning).toBe(false);
  expect(await mails.within(100, AbortSignal.abort(), second.work)).toBeNull();
});
