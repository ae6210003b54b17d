import type { AnyMailSettings } from './schemas.ts';

/** What every protocol's connection comes down to, for lists, routes and the queue. Pure. */
export interface ConnectionFacts {
  readonly transport: 'smtp' | 'smtps' | 'ews' | 'graph';
  readonly host: string;
  readonly port: number;
  /** Null also where the protocol has no alternate server. */
  readonly alternateHost: string | null;
  /** How many mails may be under way at once. */
  readonly maxConnections: number;
}

/** Microsoft's limit for one client ID and mailbox (PRODUCT 4.6). */
const graphRequestsAtOnce = 4;

export function connectionFacts({ connection }: Pick<AnyMailSettings, 'connection'>): ConnectionFacts {
  switch (connection.kind) {
    case 'smtp': {
      const { protocol, host, port, alternateHost, maxConnections } = connection;
      return { transport: protocol, host, port, alternateHost: alternateHost || null, maxConnections };
    }
    case 'ews': {
      const { maxConnections } = connection;
      return { transport: 'ews', ...hostOf(connection.connectUrl), alternateHost: null, maxConnections };
    }
    case 'graph':
      return {
        transport: 'graph',
        ...hostOf(connection.endpoint),
        alternateHost: null,
        maxConnections: graphRequestsAtOnce,
      };
    default:
      return connection satisfies never;
  }
}

/** The server of an endpoint as host:port, the same for every project that names it. Without an alternate, the primary. */
export function serverName(
  settings: Pick<AnyMailSettings, 'connection'>,
  endpoint: 'primary' | 'alternate',
): string {
  const { host, port, alternateHost } = connectionFacts(settings);
  return `${(endpoint === 'alternate' ? (alternateHost ?? host) : host).toLowerCase()}:${port}`;
}

// A form's address may be half typed.
function hostOf(address: string): { host: string; port: number } {
  if (!URL.canParse(address)) return { host: address, port: 443 };
  const { hostname, port } = new URL(address);
  return { host: hostname, port: port === '' ? 443 : Number(port) };
}
