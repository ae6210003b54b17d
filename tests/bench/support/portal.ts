import http from 'node:http';
import { resolve } from 'node:path';
import { freePort } from '#tests/support/free-port.ts';
import { type TetheredProcess, spawnTethered } from '#db/tether.ts';
import type { Scene } from './scene.ts';

const projectRoot = resolve(import.meta.dirname, '../../..');

/** A real portal process, built and started as in production. */
export interface PortalProcess {
  readonly process: TetheredProcess;
  readonly port: number;
  stop(): Promise<void>;
}

/** Builds the portal where that is needed, starts it and waits until it answers. */
export async function startPortal(scene: Scene): Promise<PortalProcess> {
  const port = await freePort();
  const tethered = spawnTethered(process.execPath, [resolve(projectRoot, 'scripts/portal.ts')], {
    cwd: projectRoot,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      ...scene.environment,
      MAILROOM_PORTAL_PORT: String(port),
      MAILROOM_DATABASE_CONNECTIONS: '16',
    },
    stopSignal: 'TERM',
  });
  let output = '';
  tethered.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  tethered.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = tethered.exited.then((): never => {
    throw new Error(`The portal ended at its start: ${output.slice(-4_000)}`);
  });
  await Promise.race([answers(port), ended]);
  return {
    process: tethered,
    port,
    stop: async () => {
      ended.catch(() => undefined);
      await tethered.stop(10_000);
    },
  };
}

async function answers(port: number): Promise<void> {
  for (;;) {
    const status = await new Promise<number | null>((settle) => {
      const request = http.get({ host: '127.0.0.1', port, path: '/api/health' }, (response) => {
        response.resume();
        response.on('end', () => settle(response.statusCode ?? null));
      });
      request.on('error', () => settle(null));
    });
    if (status === 200) return;
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** A caller of the API with kept connections. */
export function apiCaller(port: number, token: string, clients: number) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  return {
    /** Posts JSON; resolves with the status and the parsed answer. */
    post: (path: string, body: Buffer): Promise<{ status: number; answer: unknown }> =>
      new Promise((settle, fail) => {
        const request = http.request(
          {
            host: '127.0.0.1',
            port,
            path,
            method: 'POST',
            agent,
            headers: {
              authorization: `Bearer ${token}`,
              'content-type': 'application/json',
              'content-length': body.length,
            },
          },
          (response) => {
            const chunks: Buffer[] = [];
            response.on('data', (chunk: Buffer) => chunks.push(chunk));
            response.on('end', () =>
              settle({
                status: response.statusCode ?? 0,
                answer: JSON.parse(Buffer.concat(chunks).toString()),
              }),
            );
          },
        );
        request.on('error', fail);
        request.end(body);
      }),
    close: () => agent.destroy(),
  };
}
