import { lookup as systemLookup } from 'node:dns/promises';
import { parseAddress } from './address-guard.ts';
import { ConnectError, systemCode } from './connect-faults.ts';

/** All addresses of a host name, in the order in which they should be tried. */
export type HostLookup = (hostname: string) => Promise<readonly string[]>;

/** A host with very many addresses would turn one connect into minutes. */
const maxAddresses = 8;

export const lookupBySystem: HostLookup = async (hostname) => {
  const found = await systemLookup(hostname, { all: true });
  return found.map((entry) => entry.address);
};

/**
 * Addresses of a host; a literal in any spelling is its own answer, so no resolver can read it differently.
 * @throws ConnectError at stage resolve
 */
export async function resolveHost(
  host: string,
  lookup: HostLookup,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const literal = parseAddress(host);
  if (literal !== null) return [literal.toString()];
  const addresses = await withinTime(lookup(host), timeoutMs, signal);
  if (addresses.length === 0) throw new ConnectError('resolve', 'HOST_UNKNOWN');
  return [...new Set(addresses)].slice(0, maxAddresses);
}

function withinTime<T>(work: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => finish(() => reject(new ConnectError('resolve', 'DNS_TIMEOUT'))),
      timeoutMs,
    );
    const onAbort = (): void => finish(() => reject(new ConnectError('resolve', 'CONNECT_ABORTED')));
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    work.then(
      (value) => finish(() => resolve(value)),
      (error: unknown) => finish(() => reject(new ConnectError('resolve', dnsFault(error)))),
    );
  });
}

function dnsFault(error: unknown): 'HOST_UNKNOWN' | 'DNS_TIMEOUT' | 'DNS_FAILED' {
  switch (systemCode(error)) {
    case 'ENOTFOUND':
    case 'ENODATA':
    case 'ENOENT':
      return 'HOST_UNKNOWN';
    case 'ETIMEOUT':
    case 'ETIMEDOUT':
      return 'DNS_TIMEOUT';
    default:
      return 'DNS_FAILED';
  }
}
