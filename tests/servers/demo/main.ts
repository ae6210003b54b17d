// The far sides of the demo of `npm start`: what Microsoft and an Exchange server are to a company. By hand:
//   node tests/servers/demo/main.ts DATA_FOLDER INBOX_FOLDER PORTAL_URL
// It keeps addresses and passwords in DATA_FOLDER/stand-ins.json and every mail it takes in INBOX_FOLDER.
import { join } from 'node:path';
import { createMailKeeper } from '#lib/inbox/keep-mail.ts';
import { serveInbox } from '#lib/inbox/serve-inbox.ts';
import { standInHost, standInMailboxes } from '#scripts/stand-ins.ts';
import { startEwsSimulator } from '../ews/simulator.ts';
import { allScopes } from '../graph/options.ts';
import { startGraphServer } from '../graph/server.ts';
import { startIssuer } from '../oauth/issuer.ts';
import { xoauth2Options } from '../smtp/token-server.ts';
import { deliveredMime } from './delivered-mime.ts';
import { keptTerms } from './kept-terms.ts';

const [dataFolder, inboxFolder, portalUrl] = process.argv.slice(2);
if (dataFolder === undefined || inboxFolder === undefined || portalUrl === undefined) {
  throw new Error('Give the data folder, the folder of the inbox and the address of the portal.');
}
const terms = await keptTerms(dataFolder);
const { ports, certificate, clientId } = terms;
const keep = createMailKeeper(inboxFolder);
const remembers = 200;
// A fifth of what Exchange Online takes for a mail: long enough to be seen, short enough to wait for.
const serviceMs = (): number => 300 + Math.random() * 300;

const issuer = await startIssuer({
  kind: 'microsoft',
  host: standInHost,
  port: ports.signIn,
  certificate,
  tenant: terms.tenant,
  clients: [
    { clientId, secret: terms.clientSecret, redirectUris: [new URL('/oauth/callback', portalUrl).href] },
  ],
  accounts: [...Object.values(standInMailboxes), 'dana@northwind.example'],
  memoryFile: join(dataFolder, 'stand-in-tokens.json'),
});

const graph = await startGraphServer({
  port: ports.graph,
  authority: { cert: terms.authority, key: '' },
  certificate,
  remembers,
  mailboxes: Object.values(standInMailboxes),
  switches: { serviceMs },
  readToken: async (token) => {
    const known = await issuer.readToken(token);
    if (known === null) return null;
    const isApp = known.account === null;
    return { clientId, mailbox: known.account, scopes: isApp ? allScopes : known.scope.split(' ') };
  },
  onDelivery: (delivery) => {
    const arrival = { via: 'graph', envelopeFrom: delivery.mailbox, envelopeTo: delivery.to } as const;
    void deliveredMime(delivery).then((bytes) => keep(bytes, arrival));
  },
});

const exchange = await startEwsSimulator({
  port: ports.exchange,
  certificate,
  remembers,
  users: [
    {
      userName: standInMailboxes.exchange,
      domain: 'NORTHWIND',
      password: terms.exchangePassword,
      mailbox: standInMailboxes.exchange,
    },
  ],
  tokens: new Map(),
  maxMessageBytes: 36_700_160,
  readToken: async (token) => (await issuer.readToken(token))?.account,
  onMail: ({ mailbox, to, content }) => {
    void keep(Buffer.from(content, 'utf8'), { via: 'ews', envelopeFrom: mailbox, envelopeTo: to });
  },
});

const smtp = await serveInbox({
  folder: inboxFolder,
  port: ports.smtp,
  maxMessageBytes: 73_400_320,
  signIn: xoauth2Options(certificate, async (userName, token) => {
    const known = await issuer.readToken(token);
    return known !== null && (known.account === null || known.account === userName);
  }),
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void Promise.all([issuer, graph, exchange, smtp].map((server) => server.close())).then(() =>
      process.exit(0),
    );
  });
}
process.stdout.write('ready\n');
