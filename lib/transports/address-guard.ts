import ipaddr from 'ipaddr.js';

/** Decides whether a socket may go to an address that a user's setting led to (PRODUCT 10.4). */
export interface AddressGuard {
  /** `host` is the name as it was configured, `address` a literal address that it resolved to. */
  allows(host: string, address: string, port: number): boolean;
  /**
   * For a target that a proxy resolves: only literal addresses and the shape of the name can be judged. The name is
   * in its A-label form; one with other characters could say more to the proxy than a name.
   */
  allowsUnresolved(host: string, port: number): boolean;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

type AllowedPlace =
  | { readonly kind: 'network'; readonly network: [Address, number]; readonly port: number | null }
  | { readonly kind: 'host'; readonly host: string; readonly port: number | null };

/** Azure answers its machines' metadata on a public address. */
const publicMetadataAddresses = new Set(['168.63.129.16']);
const nat64Prefix = ipaddr.parseCIDR('64:ff9b::/96');
const globalUnicast = ipaddr.parseCIDR('2000::/3');
const localSuffixes = [
  '.localhost',
  '.local',
  '.internal',
  '.intranet',
  '.lan',
  '.home',
  '.corp',
  '.home.arpa',
  '.private',
];

/**
 * The guard with the operator's exceptions: networks ("10.1.0.0/16"), addresses ("10.1.2.3", "[::1]") and names
 * ("relay.intern"), each with an optional port ("127.0.0.1:2525").
 * @throws RangeError naming the entry that cannot be read
 */
export function createAddressGuard(allowList: readonly string[]): AddressGuard {
  const places = allowList.map((entry) => parseAllowedPlace(entry));
  const isExcepted = (host: string, address: Address | null, port: number): boolean =>
    places.some((place) => (place.port === null || place.port === port) && covers(place, host, address));
  return {
    allows(host, address, port) {
      const parsed = parseAddress(address);
      if (parsed === null) return false;
      return isPublicAddress(parsed) || isExcepted(normalizeHost(host), parsed, port);
    },
    allowsUnresolved(host, port) {
      const name = normalizeHost(host);
      const literal = parseAddress(name);
      if (literal !== null) return isPublicAddress(literal) || isExcepted(name, literal, port);
      if (!/^[a-z0-9_.-]+$/.test(name)) return false;
      return !isLocalName(name) || isExcepted(name, null, port);
    },
  };
}

/**
 * A literal address in any spelling that a resolver would take for one: dotted, decimal, hexadecimal or octal IPv4,
 * IPv6 with or without brackets. Null for a name.
 */
export function parseAddress(host: string): Address | null {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  const unscoped = bare.replace(/%.*$/, '');
  if (!ipaddr.isValid(unscoped)) return null;
  return unmap(ipaddr.parse(unscoped));
}

/** Lower case, without brackets and without the root dot. */
export function normalizeHost(host: string): string {
  const lower = host.trim().toLowerCase().replace(/\.$/, '');
  return lower.startsWith('[') && lower.endsWith(']') ? lower.slice(1, -1) : lower;
}

/** IPv4 hidden in IPv6 (mapped, NAT64) is judged as the IPv4 address that it reaches. */
function unmap(address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  if (address.match(nat64Prefix)) return new ipaddr.IPv4(address.toByteArray().slice(12));
  return address;
}

function isPublicAddress(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  if (address instanceof ipaddr.IPv6) return address.match(globalUnicast);
  return !publicMetadataAddresses.has(address.toString());
}

function isLocalName(name: string): boolean {
  return name === '' || !name.includes('.') || localSuffixes.some((suffix) => name.endsWith(suffix));
}

function covers(place: AllowedPlace, host: string, address: Address | null): boolean {
  switch (place.kind) {
    case 'host':
      return place.host === host;
    case 'network':
      return address !== null && address.kind() === place.network[0].kind() && address.match(place.network);
    default: {
      const never: never = place;
      return never;
    }
  }
}

function parseAllowedPlace(entry: string): AllowedPlace {
  const { host, port } = splitPort(entry.trim());
  if (host === '') throw new RangeError(`"${entry}" is not a network, an address or a host name`);
  const bare = normalizeHost(host);
  if (bare.includes('/')) {
    if (!ipaddr.isValidCIDR(bare)) throw new RangeError(`"${entry}" is not a network such as 10.1.0.0/16`);
    return { kind: 'network', network: ipaddr.parseCIDR(bare), port };
  }
  const address = parseAddress(bare);
  if (address === null) return { kind: 'host', host: bare, port };
  return { kind: 'network', network: [address, address.kind() === 'ipv4' ? 32 : 128], port };
}

function splitPort(entry: string): { host: string; port: number | null } {
  const match = /^(?<host>\[[^\]]+\](?:\/\d+)?|[^:]+):(?<port>\d{1,5})$/.exec(entry);
  const host = match?.groups?.['host'];
  const port = Number(match?.groups?.['port']);
  if (host === undefined) return { host: entry, port: null };
  if (port < 1 || port > 65_535) throw new RangeError(`"${entry}" names a port that does not exist`);
  return { host, port };
}
