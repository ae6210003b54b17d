import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeAuthority, makeCertificate } from '../smtp/certificates.ts';
import { startIssuer } from './issuer.ts';
import { faultNames } from './error-bodies.ts';
import { issuerKinds } from './issuer-configuration.ts';

/**
 * An authorization server by hand, for trying consents without a provider:
 *
 *   node tests/servers/oauth/main.ts --kind microsoft --account billing@contoso.example
 *
 * It prints what to type into the mail settings. A line with the name of a fault on standard input switches that fault
 * on, an empty line off.
 */
const { values } = parseArgs({
  options: {
    kind: { type: 'string', default: 'microsoft' },
    port: { type: 'string', default: '0' },
    account: { type: 'string', multiple: true, default: ['billing@contoso.example', 'ada@contoso.example'] },
    redirect: { type: 'string', default: 'http://localhost:3000/oauth/callback' },
    folder: { type: 'string', default: '.data/test-authority' },
  },
});
const kind = issuerKinds.find((each) => each === values.kind);
if (kind === undefined) throw new TypeError(`--kind is one of ${issuerKinds.join(', ')}`);

const authority = await makeAuthority();
const issuer = await startIssuer({
  kind,
  certificate: await makeCertificate({ names: ['localhost'], authority }),
  clients: [{ clientId: 'mailroom', secret: 'mailroom-secret', redirectUris: [values.redirect] }],
  accounts: values.account,
  port: Number(values.port),
});
await mkdir(values.folder, { recursive: true });
const caFile = join(values.folder, 'authority.pem');
await writeFile(caFile, authority.cert);

const typed: Readonly<Record<string, string>> = {
  ...(kind === 'microsoft'
    ? { 'Sign-in host': `localhost:${issuer.port}`, Tenant: issuer.tenant }
    : { 'Authorization URL': issuer.authorizationUrl, 'Token URL': issuer.tokenUrl }),
  'Client ID': 'mailroom',
  'Client secret': 'mailroom-secret',
  'Custom CA': `the content of ${caFile}`,
  Accounts: values.account.join(', '),
};
for (const [name, value] of Object.entries(typed)) process.stdout.write(`${name.padEnd(18)}${value}\n`);
process.stdout.write(`Faults            ${faultNames.join(', ')}\n`);

process.stdin.setEncoding('utf8').on('data', (text: string) => {
  issuer.fault = faultNames.find((fault) => fault === text.trim()) ?? null;
  process.stdout.write(`Fault: ${issuer.fault ?? 'none'}\n`);
});
process.once('SIGINT', () => void issuer.close().then(() => process.exit(0)));
