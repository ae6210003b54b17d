import { randomBytes, randomInt } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { nextFreePort } from '#db/loopback-port.ts';
import { readStandIns, type StandIns, standInHost, standInsFile } from '#scripts/stand-ins.ts';
import { makeAuthority, makeCertificate } from '../smtp/certificates.ts';

/** Below the ports that systems give to outgoing connections; drawn, so that two first starts do not meet. */
const firstPorts = { from: 21_000, to: 30_000 };
const validYears = 20;

/** What was made at the first start, its ports moved where another program has them now; kept for the next start. */
export async function keptTerms(dataFolder: string): Promise<StandIns> {
  const kept = (await readStandIns(dataFolder)) ?? (await makeTerms());
  const terms = { ...kept, ports: await freePorts(kept.ports) };
  await writeFile(standInsFile(dataFolder), `${JSON.stringify(terms, null, 2)}\n`, { mode: 0o600 });
  return terms;
}

async function makeTerms(): Promise<StandIns> {
  const validTo = new Date();
  validTo.setUTCFullYear(validTo.getUTCFullYear() + validYears);
  const port = randomInt(firstPorts.from, firstPorts.to);
  const authority = await makeAuthority({ name: 'Mailroom demo authority', validTo });
  return {
    authority: authority.cert,
    certificate: await makeCertificate({ names: [standInHost, 'localhost'], validTo, authority }),
    ports: {
      signIn: port,
      graph: port + 1,
      exchange: port + 2,
      smtp: port + 3,
    },
    tenant: 'northwind.example',
    clientId: 'mailroom-demo',
    clientSecret: randomBytes(24).toString('base64url'),
    exchangePassword: randomBytes(12).toString('base64url'),
  };
}

// One after the other: a port that was just given is only taken once its server listens.
async function freePorts(wanted: StandIns['ports']): Promise<StandIns['ports']> {
  const taken = new Set<number>();
  const free = async (from: number): Promise<number> => {
    let port = await nextFreePort(from, standInHost);
    while (taken.has(port)) port = await nextFreePort(port + 1, standInHost);
    taken.add(port);
    return port;
  };
  return {
    signIn: await free(wanted.signIn),
    graph: await free(wanted.graph),
    exchange: await free(wanted.exchange),
    smtp: await free(wanted.smtp),
  };
}
