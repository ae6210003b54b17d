import ipaddr from 'ipaddr.js';
import { normalizeHost, parseAddress } from './address-guard.ts';

/**
 * Whether a target is reached without the proxy. Entries as in the usual NO_PROXY variable: "*", "example.org"
 * (it and everything below), ".example.org", "10.1.2.3", "10.0.0.0/8", each with an optional ":port".
 */
export function bypassesProxy(
  target: { readonly host: string; readonly port: number },
  noProxy: readonly string[],
): boolean {
  const host = normalizeHost(target.host);
  return noProxy.some((entry) => matches(entry.trim().toLowerCase(), host, target.port));
}

function matches(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry === '') return false;
  const withPort = /^(?<place>\[[^\]]+\]|[^:]+):(?<port>\d{1,5})$/.exec(entry);
  const place = normalizeHost(withPort?.groups?.['place'] ?? entry).replace(/^\*(?=\.)/, '');
  const onlyPort = withPort?.groups?.['port'];
  if (onlyPort !== undefined && Number(onlyPort) !== port) return false;
  const address = parseAddress(host);
  if (address === null)
    return host === place.replace(/^\./, '') || host.endsWith(`.${place.replace(/^\./, '')}`);
  if (ipaddr.isValidCIDR(place)) {
    const network = ipaddr.parseCIDR(place);
    return network[0].kind() === address.kind() && address.match(network);
  }
  return parseAddress(place)?.toString() === address.toString();
}
