import type { OutgoingMail, Transport } from '#lib/transports/contract.ts';
import type { GraphTransportOptions } from '#lib/transports/graph/settings.ts';
import { createGraphTransport } from '#lib/transports/graph/transport.ts';
import { graphOptions } from '#tests/servers/graph/options.ts';
import { startGraphServer, type GraphServer, type GraphServerOptions } from '#tests/servers/graph/server.ts';
import type { GraphFault } from '#tests/servers/graph/settings.ts';
import { testMail } from '#tests/servers/smtp/options.ts';

export interface GraphScene {
  readonly server: GraphServer;
  readonly transport: Transport;
}

/** A simulator and a transport to it, both ended when the work is done. */
export async function withGraph(
  work: (scene: GraphScene) => Promise<void>,
  changes: Partial<GraphTransportOptions> = {},
  options: GraphServerOptions = {},
): Promise<void> {
  const server = await startGraphServer(options);
  const transport = createGraphTransport(graphOptions(server, changes));
  try {
    await work({ server, transport });
  } finally {
    await transport.close();
    await server.close();
  }
}

/** A mail with the usual headers; `lines` stand before its end. */
export function mailTo(
  to: readonly string[],
  lines: readonly string[] = [],
  changes: Partial<OutgoingMail> = {},
): OutgoingMail {
  const { messageId } = testMail();
  const header = ['From: sender@example.test', ...lines, `Message-ID: ${messageId}`, 'Subject: Hello'];
  return testMail(
    { messageId, envelope: { from: 'sender@example.test', to }, ...changes },
    `${header.join('\r\n')}\r\n\r\nA line.\r\n`,
  );
}

/** What the next request to this place meets. */
export function faultAt(place: RegExp, does: GraphFault['does'], after = false): GraphFault {
  return { when: ({ method, path }) => place.test(`${method} ${path}`), after, does };
}
