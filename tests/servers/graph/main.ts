import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { allScopes } from './options.ts';
import { startGraphServer } from './server.ts';

/**
 * The Graph simulator by hand: node tests/servers/graph/main.ts [port] [mailbox …]
 * Tokens: "delegated" acts as the first mailbox, "application" as any. Prints every mail that leaves a mailbox.
 */
const [port = '0', ...mailboxes] = process.argv.slice(2);
const [first = 'sender@example.test', ...others] = mailboxes;
const server = await startGraphServer({
  port: Number(port),
  mailboxes: [first, ...others],
  onDelivery: ({ mailbox, from, to, subject }) => {
    process.stdout.write(`${mailbox} sent "${subject}" from ${from} to ${to.join(', ')}\n`);
  },
});
server.tokens.set('delegated', { clientId: 'demo', mailbox: first, scopes: allScopes });
server.tokens.set('application', { clientId: 'demo', mailbox: null, scopes: allScopes });
const authorityFile = join(tmpdir(), `mailroom-graph-${server.port}.pem`);
writeFileSync(authorityFile, server.authority.cert);
process.stdout.write(
  `Graph endpoint ${server.endpoint}\nIts authority, for the custom CA: ${authorityFile}\n`,
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void server.close().then(() => process.exit(0));
  });
}
