// The built portal as one HTTP server: `portal-server.ts PORT HOST`. Next answers everything, except that accepting
// mail goes straight to the route's own function: Next's way to a route costs several times what the route does.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import next from 'next';
import { readEnvironment } from '#lib/env.ts';
import { POST as acceptBatch } from '#app/api/v1/projects/[project]/messages/batch/route.ts';
import { POST as acceptMessage } from '#app/api/v1/projects/[project]/messages/route.ts';
import { findTrouble, isForPage } from './database-gate.ts';
import { streamOf } from './stream-of.ts';
import { answerTrouble } from './trouble-page.ts';

const projectRoot = resolve(import.meta.dirname, '../..');
const acceptPath = /^\/api\/v1\/projects\/(?<project>[^/?]+)\/messages(?<batch>\/batch)?(?:\?.*)?$/;
// A body of this size is taken whole; a larger one is handed on as it comes, so that its limit is checked meanwhile.
const takenWholeBytes = 262_144;
const stopWithinMs = 10_000;

const [port, host] = process.argv.slice(2);
if (port === undefined || host === undefined) throw new TypeError('Usage: portal-server.ts PORT HOST');
const { isBehindProxy } = readEnvironment(process.env);
const portal = next({ dev: false, dir: projectRoot, hostname: host, port: Number(port) });
await portal.prepare();
const answerByNext = portal.getRequestHandler();

const server = createServer((request, response) => {
  // Anyone can write this header; only a proxy of the operator's own is believed.
  if (!isBehindProxy) request.headers['x-forwarded-for'] = request.socket.remoteAddress ?? '';
  const accept = request.method === 'POST' ? acceptPath.exec(request.url ?? '') : null;
  const project = accept?.groups?.['project'];
  if (project === undefined) void answerPage(request, response);
  else void answerAccept(request, response, { project, isBatch: accept?.groups?.['batch'] !== undefined });
});
server.listen(Number(port), host);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), stopWithinMs).unref();
  });
}

/** Next alone would show an error with status 500, where nothing is wrong but the database. */
async function answerPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const trouble = isForPage(request) ? await findTrouble() : null;
  if (trouble === null) await answerByNext(request, response);
  else answerTrouble(response, trouble);
}

async function answerAccept(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { project, isBatch }: { project: string; isBatch: boolean },
): Promise<void> {
  try {
    const params = Promise.resolve({ project: decoded(project) });
    const request = await toRequest(incoming);
    const answer = await (isBatch ? acceptBatch : acceptMessage)(request, { params });
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  } catch {
    // The caller went away in mid-body: there is nobody to tell more.
    if (!outgoing.headersSent) outgoing.writeHead(400, { connection: 'close' });
    outgoing.end();
  }
}

async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const address = `http://portal${incoming.url ?? '/'}`;
  const announced = Number(incoming.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  if (announced > takenWholeBytes) {
    // Node asks for `duplex` with a streamed body (WHATWG fetch 5.4); the browser's types do not know it.
    const streamed: RequestInit & { readonly duplex: 'half' } = {
      method: 'POST',
      headers,
      body: streamOf(incoming),
      duplex: 'half',
    };
    return new Request(address, streamed);
  }
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return new Request(address, { method: 'POST', headers, body: Buffer.concat(chunks) });
}

// What is not text names no project, and the route says so.
function decoded(project: string): string {
  try {
    return decodeURIComponent(project);
  } catch {
    return project;
  }
}
