import { afterEach } from 'vitest';
import { buildTransport } from '#lib/transports/build-transport.ts';
import type { OutgoingMail, SendOutcome, Transport } from '#lib/transports/contract.ts';
import type { EwsTransportOptions } from '#lib/transports/ews/settings.ts';
import { ewsOptions } from '#tests/servers/ews/options.ts';
import {
  startEwsSimulator,
  type EwsSimulator,
  type EwsSimulatorOptions,
} from '#tests/servers/ews/simulator.ts';
import { noAbort, testMail } from '#tests/servers/smtp/options.ts';

export interface EwsScene {
  readonly server: EwsSimulator;
  readonly transport: Transport;
  readonly send: (changes?: Partial<OutgoingMail>, content?: string) => Promise<SendOutcome>;
}

/** Starts simulators with a transport to each, and ends both after each test. */
export function ewsScenes(): (
  server?: Partial<EwsSimulatorOptions>,
  options?: Partial<EwsTransportOptions>,
) => Promise<EwsScene> {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const thing of open.splice(0).toReversed()) await thing.close();
  });
  return async (serverChanges, optionChanges) => {
    const server = await startEwsSimulator(serverChanges);
    open.push(server);
    const transport = buildTransport(ewsOptions(server, optionChanges));
    open.push(transport);
    return {
      server,
      transport,
      send: (changes, content) => transport.send(testMail(changes, content), noAbort()),
    };
  };
}

/** A mail of these header lines. */
export function mime(...headers: readonly string[]): string {
  return `${headers.join('\r\n')}\r\n\r\nA line.\r\n`;
}
