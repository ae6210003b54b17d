import type { AnyMailSettings } from './schemas.ts';

/** What every protocol's connection comes down to, for lists, routes and the queue. Pure. */
export interface ConnectionFacts {
  readonly transport: 'smtp' | 'smtps' | 'ews' | 'graph';
  readonly host: string;
  readonly port: number;
  /** Null also where the protocol has no alternate server. */
  readonly alternateHost: string | null;
  /** The alternate's own port where it has one, else the primary's. */
  readonly alternatePort: number;
  /** How many mails may be under way at once. */
  readonly maxConnections: number;
}

/** Microsoft's limit for one client ID and mailbox (PRODUCT 4.6). */
const graphRequestsAtOnce = 4;

export function connectionFacts({ connection }: Pick<AnyMailSettings, 'connection'>): ConnectionFacts {
  switch (connection.kind) {
    case 'smtp': {
      const { protocol, host, port, alternateHost, alternate, maxConnections } = connection;
      const alternatePort = alternate?.port ?? port;
      return {
        transport: protocol,
        host,
        port,
        alternateHost: alternateHost || null,
        alternatePort,
        maxConnections,
      };
    }
    case 'ews': {
      const { maxConnections } = connection;
      const server = hostOf(connection.connectUrl);
      return {
        transport: 'ews',
        ...server,
        alternateHost: null,
        alternatePort: server.port,
        maxConnections,
      };
    }
    case 'graph': {
      const server = hostOf(connection.endpoint);
      return {
        transport: 'graph',
        ...server,
        alternateHost: null,
        alternatePort: server.port,
        maxConnections: graphRequestsAtOnce,
      };
    }
    default:
      return connection satisfies never;
  }
}

/** The servers as host:port, the same for every project that names them; `alternate` null: there is none. */
export function serverNames(settings: Pick<AnyMailSettings, 'connection'>): {
  readonly primary: string;
  readonly alternate: string | null;
} {
  const { host, port, alternateHost, alternatePort } = connectionFacts(settings);
  return {
    primary: `${host.toLowerCase()}:${port}`,
    alternate: alternateHost === null ? null : `${alternateHost.toLowerCase()}:${alternatePort}`,
  };
}

// A form's address may be half typed.
function hostOf(address: string): { host: string; port: number } {
  if (!URL.canParse(address)) return { host: address, port: 443 };
  const { hostname, port } = new URL(address);
  return { host: hostname, port: port === '' ? 443 : Number(port) };
}
