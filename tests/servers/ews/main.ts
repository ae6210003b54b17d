import { parseArgs } from 'node:util';
import type { Reaction } from './reactions.ts';
import { defaultEwsSimulatorOptions, startEwsSimulator } from './simulator.ts';

const faults: Readonly<Record<string, Reaction>> = {
  blocked: { kind: 'status', status: 403, headers: { 'x-calculatedbetarget': 'sim.prod.outlook.com' } },
  busy: { kind: 'fault', code: 'ErrorServerBusy', backOffMs: 20_000 },
  broken: { kind: 'status', status: 500 },
  'broken-after-sending': { kind: 'status', status: 500, send: true },
  denied: { kind: 'refusal', code: 'ErrorSendAsDenied' },
  reset: { kind: 'reset' },
  'reset-after-sending': { kind: 'reset', send: true },
  stall: { kind: 'stall', send: true },
  unavailable: { kind: 'status', status: 503, headers: { 'retry-after': '30' } },
};

const usage = `An Exchange server for tests: Exchange Web Services over TLS on loopback.

  node tests/servers/ews/main.ts [--port 8443] [--fault NAME] [--offer basic,ntlm,bearer] [--unbound]

Signs in sender@example.test (or EXAMPLE\\sender) with "correct horse", or the token "good-token-for-sender".
--unbound takes an NTLM sign-in that is not bound to the TLS connection. GET / shows what each mailbox got.
Faults, for every mail: ${Object.keys(faults).join(', ')}`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8443' },
    fault: { type: 'string' },
    offer: { type: 'string', default: 'basic,ntlm,bearer' },
    unbound: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(`${usage}\n`);
} else {
  const { fault, port, offer } = values;
  if (fault !== undefined && faults[fault] === undefined) throw new Error(`There is no fault "${fault}"`);
  const reaction = fault === undefined ? null : (faults[fault] ?? null);
  const server = await startEwsSimulator({
    port: Number(port),
    requiresChannelBinding: !values.unbound,
    offered: (['basic', 'ntlm', 'bearer'] as const).filter((method) => offer.split(',').includes(method)),
    react: (operation) => (operation === 'CreateItem' ? reaction : null),
    users: [
      ...defaultEwsSimulatorOptions.users,
      {
        userName: 'other@example.test',
        domain: 'EXAMPLE',
        password: 'correct horse',
        mailbox: 'other@example.test',
      },
    ],
  });
  process.stdout.write(
    `${server.url}\n\nIts certificate, to be entered as custom CA:\n\n${server.certificate}\n`,
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
}
