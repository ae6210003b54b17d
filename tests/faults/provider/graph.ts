import assert from 'node:assert/strict';
import type { Fault } from '../fault.ts';
import { openGraphDesk, sendFaults } from './graph-desk.ts';

/** Facts, fault 25. */
export const graphStorm: Fault = {
  name: 'graph-429-storm',
  title:
    'Graph answers 429 and 503, with Retry-After in seconds, as a date and without: obeyed, no try is charged',
  needs: 'desk',
  run: async (ground) => {
    const { desk, graph } = await openGraphDesk(ground);
    const soon = new Date(Date.now() + 4_000).toUTCString();
    sendFaults(graph, 1, { kind: 'answer', status: 429, headers: { 'retry-after': '2' } });
    sendFaults(graph, 1, { kind: 'answer', status: 429, headers: { 'retry-after': soon } });
    sendFaults(graph, 1, { kind: 'answer', status: 429 });
    if (!ground.isShort) sendFaults(graph, 2, { kind: 'answer', status: 503 });
    await desk.accept(40);
    await desk.settled();
    assert.equal(await desk.attemptsThat('temporary'), 0);
    assert.equal(graph.throttle.refused, 0, 'more than four requests at a time, or too soon');
  },
};

/** Facts, fault 25: what Graph has taken although it said otherwise is found there, not sent again. */
export const graphDoubts: Fault = {
  name: 'graph-doubts',
  title: 'Graph takes mails and then answers 504 or breaks off: looked for in Sent Items first, sent once',
  needs: 'desk',
  withinMs: 200_000,
  run: async (ground) => {
    const { desk, graph } = await openGraphDesk(ground);
    sendFaults(graph, 2, { kind: 'drop' }, true);
    sendFaults(graph, 2, { kind: 'answer', status: 504 }, true);
    sendFaults(graph, 1, { kind: 'drop' });
    await desk.accept(20);
    await desk.settled(180_000);
    assert.ok((await desk.attemptsThat('uncertain')) >= 4);
    assert.equal(desk.mailbox.arrivals.length, 20, 'a mail went twice');
  },
};

/** Facts, fault 24. */
export const tokenRevoked: Fault = {
  name: 'token-revoked',
  title: 'the consent is revoked in mid-drain: the lane stops, no mail fails; a new consent sends them all',
  needs: 'desk',
  run: async (ground) => {
    const scene = await openGraphDesk(ground);
    const { desk, issuer } = scene;
    await desk.accept(120);
    await desk.mailbox.reached(10 + ground.random.below(40));
    scene.revokes = true;
    issuer.fault = 'grant_revoked';
    await desk.stopped();
    const { failed = 0 } = await desk.states();
    assert.equal(failed, 0);
    scene.revokes = false;
    issuer.fault = null;
    await scene.consent();
    await desk.settled();
    assert.equal(await desk.attemptsThat('temporary'), 0);
  },
};

/** Facts, fault 24: tokens end, and who gives new ones is busy. */
export const tokenServerBusy: Fault = {
  name: 'token-server-busy',
  title:
    'access tokens end in mid-drain while the token server answers 5xx: mails wait, one refresh at a time',
  needs: 'desk',
  run: async (ground) => {
    const scene = await openGraphDesk(ground);
    const { desk, issuer } = scene;
    await desk.accept(120);
    await desk.mailbox.reached(10 + ground.random.below(40));
    scene.revokes = true;
    issuer.fault = 'busy';
    await ground.pauseUpTo(3_000);
    scene.revokes = false;
    issuer.fault = null;
    await desk.settled();
    assert.deepEqual(await desk.states(), { sent: 120 });
  },
};
