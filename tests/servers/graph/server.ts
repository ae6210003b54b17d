import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock, type Clock } from '#lib/clock.ts';
import { makeAuthority, makeCertificate, type TestCertificate } from '#tests/servers/smtp/certificates.ts';
import { Mailbox, type Delivery } from './mailbox.ts';
import { Refusal, unpublished } from './refusal.ts';
import { faultAnswer, refusalAnswer } from './refused-answers.ts';
import { GraphRoutes, type GraphAnswer } from './routes.ts';
import { defaultSwitches, limits, type GraphFault, type GraphSwitches, type GraphToken } from './settings.ts';
import { Throttle } from './throttle.ts';

export interface GraphServer {
  /** With the version, as it stands in mail settings. */
  readonly endpoint: string;
  readonly port: number;
  readonly authority: TestCertificate;
  readonly switches: GraphSwitches;
  readonly tokens: Map<string, GraphToken>;
  readonly throttle: Throttle;
  /** Every mail that left any mailbox, in order. */
  readonly deliveries: readonly Delivery[];
  /** "POST /v1.0/me/sendMail 202" of every request, in order; the address of an upload without its token. */
  readonly requests: readonly string[];
  mailbox(address: string): Mailbox;
  close(): Promise<void>;
}

export interface GraphServerOptions {
  readonly port?: number;
  readonly mailboxes?: readonly string[];
  readonly switches?: Partial<GraphSwitches>;
  readonly clock?: Clock;
  /** Given where the certificate must outlive the server. */
  readonly authority?: TestCertificate;
  /** Of that authority, in place of one that is made now. */
  readonly certificate?: TestCertificate;
  /** So many mails, copies and requests are remembered; all where it is absent, as tests want it. */
  readonly remembers?: number;
  readonly onDelivery?: (delivery: Delivery) => void;
  /** Asked for tokens that `tokens` does not know: those of an authorization server. */
  readonly readToken?: (token: string) => Promise<GraphToken | null>;
}

/** Microsoft Graph as far as Mailroom speaks to it: strict about every request, with the published limits on. */
export async function startGraphServer(options: GraphServerOptions = {}): Promise<GraphServer> {
  const authority = options.authority ?? (await makeAuthority());
  const { cert, key } =
    options.certificate ?? (await makeCertificate({ names: ['127.0.0.1', 'localhost'], authority }));
  const simulator = new GraphSimulator(options);
  const server = createServer({ cert, key, keepAliveTimeout: 60_000 }, (request, response) => {
    void simulator.serve(request, response);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const port = portOf(server);
  simulator.origin = `https://127.0.0.1:${port}`;
  return {
    endpoint: `${simulator.origin}/v1.0`,
    port,
    authority,
    switches: simulator.switches,
    tokens: simulator.tokens,
    throttle: simulator.throttle,
    deliveries: simulator.deliveries,
    requests: simulator.requests,
    mailbox: (address) => simulator.mailbox(address),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

class GraphSimulator {
  origin = '';
  readonly switches: GraphSwitches;
  readonly tokens = new Map<string, GraphToken>();
  readonly throttle: Throttle;
  readonly deliveries: Delivery[] = [];
  readonly requests: string[] = [];
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #routes = new GraphRoutes(() => this.origin);
  readonly #readToken: GraphServerOptions['readToken'];
  readonly #remembers: number;

  constructor(options: GraphServerOptions) {
    const clock = options.clock ?? systemClock;
    this.#readToken = options.readToken;
    this.#remembers = options.remembers ?? Infinity;
    this.switches = { ...defaultSwitches(), ...options.switches };
    this.throttle = new Throttle(clock, this.switches);
    for (const address of options.mailboxes ?? ['sender@example.test']) {
      const deliver = (delivery: Delivery): void => {
        this.#remember(this.deliveries, delivery);
        this.#mailboxes.get(address.toLowerCase())?.forget(this.#remembers);
        options.onDelivery?.(delivery);
      };
      this.#mailboxes.set(address.toLowerCase(), new Mailbox(address, clock, this.switches, deliver));
    }
  }

  mailbox(address: string): Mailbox {
    const found = this.#mailboxes.get(address.toLowerCase());
    if (found !== undefined) return found;
    throw new Refusal(404, 'ErrorInvalidUser', `The requested user '${address}' is invalid.`);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.origin);
    const method = request.method ?? 'GET';
    const fault = this.#takeFault(method, url.pathname);
    request.once('error', () => undefined);
    try {
      const answer = await this.#answer(request, url, fault);
      if (answer !== null) this.#respond(response, `${method} ${url.pathname}`, answer);
      else if (fault?.does.kind === 'drop') request.socket.destroy();
    } catch (error) {
      const refusal =
        error instanceof Refusal ? error : new Refusal(500, 'InternalServerError', String(error));
      this.#respond(response, `${method} ${url.pathname}`, refusalAnswer(refusal));
    }
  }

  /** Null where no answer is given. */
  async #answer(request: IncomingMessage, url: URL, fault: GraphFault | null): Promise<GraphAnswer | null> {
    const body = await readBody(request);
    if (fault !== null && !fault.after) return faultAnswer(fault);
    const answer = url.pathname.startsWith('/upload/')
      ? await this.#uploaded(request, url, body)
      : await this.#asked(request, url, body);
    return fault === null ? answer : faultAnswer(fault);
  }

  async #asked(request: IncomingMessage, url: URL, body: Buffer): Promise<GraphAnswer> {
    const token = await this.#tokenOf(request);
    const [version, owner, ...rest] = url.pathname.split('/').slice(1).map(decodeURIComponent);
    if (version !== 'v1.0') throw unpublished(`No version ${version ?? ''} is asked`);
    const address = owner === 'me' ? token.mailbox : (rest.shift() ?? '');
    if (owner !== 'me' && owner !== 'users') throw unpublished(`Nothing below /${owner ?? ''} is asked for`);
    if (address === null) {
      throw new Refusal(400, 'BadRequest', '/me request is only valid with delegated authentication flow.');
    }
    const method = request.method ?? 'GET';
    const leave = this.throttle.enter(token.clientId, address, method === 'GET' ? 0 : body.length);
    try {
      if (body.length > limits.requestBytes) {
        throw new Refusal(413, 'BadRequest', 'Maximum request length exceeded.');
      }
      const mailbox = this.mailbox(address);
      if (token.mailbox !== null && token.mailbox.toLowerCase() !== address.toLowerCase()) {
        throw new Refusal(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
      }
      const { scopes } = token;
      const worked = this.#working();
      const { headers } = request;
      const call = {
        method,
        segments: rest,
        query: url.searchParams,
        headers: flat(headers),
        body,
        scopes,
        worked,
      };
      return await this.#routes.answer(mailbox, call);
    } finally {
      leave();
    }
  }

  async #uploaded(request: IncomingMessage, url: URL, body: Buffer): Promise<GraphAnswer> {
    const leave = this.throttle.enter('upload', url.pathname, body.length);
    try {
      if (body.length > limits.requestBytes)
        throw new Refusal(413, 'BadRequest', 'Maximum request length exceeded.');
      await this.#working()();
      const id = url.pathname.slice('/upload/'.length);
      const call = { method: request.method ?? '', headers: flat(request.headers), body };
      return this.#routes.upload(id, url.searchParams.get('authtoken') ?? '', call);
    } finally {
      leave();
    }
  }

  async #tokenOf(request: IncomingMessage): Promise<GraphToken> {
    const bearer =
      /^Bearer (?<token>\S+)$/.exec(request.headers.authorization ?? '')?.groups?.['token'] ?? '';
    const token = this.tokens.get(bearer) ?? (await this.#readToken?.(bearer)) ?? null;
    if (token !== null) return token;
    throw new Refusal(401, 'InvalidAuthenticationToken', 'Access token has expired or is not yet valid.', {
      headers: { 'www-authenticate': 'Bearer realm="", error="invalid_token"' },
    });
  }

  /** Work begins now; what we ourselves compute meanwhile is part of it. */
  #working(): () => Promise<void> {
    const endsMs = performance.now() + this.switches.serviceMs();
    return () => delay(Math.max(0, endsMs - performance.now()));
  }

  #remember<Entry>(list: Entry[], entry: Entry): void {
    list.push(entry);
    if (list.length > this.#remembers) list.shift();
  }

  #takeFault(method: string, path: string): GraphFault | null {
    const at = this.switches.faults.findIndex((fault) => fault.when({ method, path }));
    return at === -1 ? null : (this.switches.faults.splice(at, 1)[0] ?? null);
  }

  #respond(response: ServerResponse, what: string, answer: GraphAnswer): void {
    this.#remember(this.requests, `${what} ${answer.status}`);
    const accepted = answer.status === 202 ? this.switches.acceptedRetryAfter : null;
    const body =
      answer.json === undefined
        ? ''
        : typeof answer.json === 'string'
          ? answer.json
          : JSON.stringify(answer.json);
    response.writeHead(answer.status, {
      'request-id': randomUUID(),
      ...(body === '' ? {} : { 'content-type': 'application/json' }),
      'content-length': Buffer.byteLength(body),
      ...(accepted === null ? {} : { 'retry-after': accepted }),
      ...answer.headers,
    });
    response.end(body);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    // One byte more than allowed tells enough.
    if (sizeBytes <= limits.requestBytes + 65_536) chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function flat(headers: IncomingMessage['headers']): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The simulator has no port');
  return address.port;
}
