import type { Transport } from './contract.ts';
import type { EwsTransportOptions } from './ews/settings.ts';
import { createEwsTransport } from './ews/transport.ts';
import type { GraphTransportOptions } from './graph/settings.ts';
import { createGraphTransport } from './graph/transport.ts';
import type { SmtpTransportOptions } from './smtp/settings.ts';
import { createSmtpTransport } from './smtp/transport.ts';

/** Opened settings of any protocol; `protocol` tells them apart. */
export type TransportOptions = SmtpTransportOptions | EwsTransportOptions | GraphTransportOptions;

/** The transport of opened settings. It holds connections: whoever builds one closes it. */
export function buildTransport(options: TransportOptions): Transport {
  switch (options.protocol) {
    case 'smtp':
    case 'smtps':
      return createSmtpTransport(options);
    case 'ews':
      return createEwsTransport(options);
    case 'graph':
      return createGraphTransport(options);
    default: {
      const never: never = options;
      return never;
    }
  }
}
