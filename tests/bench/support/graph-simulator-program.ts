/** The Graph simulator in a process of its own, with service times and speed from its arguments. */
import { z } from 'zod';
import { allScopes } from '#tests/servers/graph/options.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import { report } from './program.ts';
import { epochMs } from './sink.ts';

const terms = z
  .object({ mailbox: z.string(), token: z.string(), factor: z.number(), serviceMs: z.array(z.number()) })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

let next = 0;
const server = await startGraphServer({
  mailboxes: [terms.mailbox],
  clock: { now: () => new Date(), monotonicMs: () => epochMs() * terms.factor },
  switches: {
    // Microsoft does not say how long a throttled request is told to wait; ten seconds are what its pages show.
    retryAfterSeconds: 10,
    serviceMs: () => (terms.serviceMs[next++ % terms.serviceMs.length] ?? 0) / terms.factor,
  },
});
server.tokens.set(terms.token, { clientId: 'bench', mailbox: terms.mailbox, scopes: allScopes });
process.on('message', (message) => {
  // What came before the load is warm-up.
  if (message === 'restart') next = 0;
  if (message !== 'result') return;
  report('result', {
    deliveries: server.deliveries.map(({ to, atMs }) => ({ to: to[0] ?? '', atMs: atMs / terms.factor })),
    throttled: server.throttle.refused,
    requests: server.requests.length,
  });
});
report('listening', { endpoint: server.endpoint, authority: server.authority.cert });
