/** The Graph simulator and its sign-in server in a process of their own, service times and speed from the arguments. */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { allScopes } from '#tests/servers/graph/options.ts';
import { startGraphServer } from '#tests/servers/graph/server.ts';
import { startIssuer } from '#tests/servers/oauth/issuer.ts';
import { makeAuthority, makeCertificate } from '#tests/servers/smtp/certificates.ts';
import { graphClient, graphMailbox } from './graph-settings.ts';
import { report } from './program.ts';
import { epochMs } from './sink.ts';

const terms = z
  .object({ token: z.string(), factor: z.number(), serviceMs: z.array(z.number()) })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

const host = '127.0.0.1';
const clientSecret = randomBytes(24).toString('base64url');
const authority = await makeAuthority();
const issuer = await startIssuer({
  kind: 'microsoft',
  host,
  certificate: await makeCertificate({ names: [host], authority }),
  clients: [{ clientId: graphClient, secret: clientSecret, redirectUris: ['http://localhost/callback'] }],
  accounts: [graphMailbox],
});
let next = 0;
const server = await startGraphServer({
  authority,
  mailboxes: [graphMailbox],
  clock: { now: () => new Date(), monotonicMs: () => epochMs() * terms.factor },
  switches: {
    // Microsoft does not say how long a throttled request is told to wait; ten seconds are what its pages show.
    retryAfterSeconds: 10,
    serviceMs: () => (terms.serviceMs[next++ % terms.serviceMs.length] ?? 0) / terms.factor,
  },
  readToken: async (token) =>
    (await issuer.readToken(token)) === null
      ? null
      : { clientId: graphClient, mailbox: null, scopes: allScopes },
});
server.tokens.set(terms.token, { clientId: graphClient, mailbox: graphMailbox, scopes: allScopes });
process.on('message', (message) => {
  // What came before the load is warm-up.
  if (message === 'restart') next = 0;
  if (message !== 'result') return;
  report('result', {
    deliveries: server.deliveries.map(({ to, atMs }) => ({ to: to[0] ?? '', atMs: atMs / terms.factor })),
    throttled: server.throttle.refused,
    requests: server.requests.length,
    tokens: issuer.tokenRequests.length,
  });
});
report('listening', {
  endpoint: server.endpoint,
  authority: authority.cert,
  signInHost: `${host}:${issuer.port}`,
  tenant: issuer.tenant,
  clientSecret,
});
