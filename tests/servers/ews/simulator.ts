import { X509Certificate } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { findElement } from '#lib/transports/ews/xml.ts';
import { typesNamespace } from '#lib/transports/ews/requests.ts';
import { makeCertificate, type TestCertificate } from '#tests/servers/smtp/certificates.ts';
import { busyFault, fault, plain, refusal, success, type Answer } from './answers.ts';
import { fits, readMessage, type StoredCopy, type SubmittedMail, type Undocumented } from './mailboxes.ts';
import { react, write, type Reaction } from './reactions.ts';
import { SignInDesk, type SignInMethod, type SimulatedUser } from './sign-in.ts';
import { readRequest, type EwsRequest, type Operation } from './validate.ts';

export interface EwsSimulatorOptions {
  readonly port: number;
  readonly offered: readonly SignInMethod[];
  readonly users: readonly SimulatedUser[];
  readonly tokens: ReadonlyMap<string, string | null>;
  readonly requiresChannelBinding: boolean;
  /** Per signed-in mailbox; beyond it ErrorExceededConnectionCount. */
  readonly maxConcurrent: number;
  readonly maxMessageBytes: number;
  /** Requests until ErrorServerBusy, and how long the server wants to be left alone. */
  readonly budget: { readonly requests: number; readonly backOffMs: number } | null;
  /** From addresses that a mailbox may use beside its own. */
  readonly maySendAs: readonly string[];
  readonly mayImpersonate: boolean;
  readonly undocumented: Undocumented;
  readonly react: (operation: Operation, count: number) => Reaction | null;
  /** In place of one that is made now. */
  readonly certificate?: TestCertificate;
  /** So many mails, copies and requests are remembered; all where it is absent, as tests want it. */
  readonly remembers?: number;
  readonly onMail?: (mail: SubmittedMail) => void;
  /** Asked for tokens that `tokens` does not know: whose it is, null for an app, undefined for none. */
  readonly readToken?: (token: string) => Promise<string | null | undefined>;
}

export const defaultEwsSimulatorOptions: EwsSimulatorOptions = {
  port: 0,
  offered: ['basic', 'ntlm', 'bearer'],
  users: [
    {
      userName: 'sender@example.test',
      domain: 'EXAMPLE',
      password: 'correct horse',
      mailbox: 'sender@example.test',
    },
  ],
  tokens: new Map([['good-token-for-sender', 'sender@example.test']]),
  requiresChannelBinding: true,
  maxConcurrent: 27,
  maxMessageBytes: 10 * 1024 * 1024,
  budget: null,
  maySendAs: [],
  mayImpersonate: true,
  undocumented: {
    mimeBcc: 'ignored',
    recipientElements: 'replace',
    messageId: 'kept',
    looksUntilVisible: 0,
  },
  react: () => null,
};

/** One request as it came, its MIME left out. */
export interface SeenRequest {
  readonly operation: Operation;
  readonly headers: IncomingMessage['headers'];
  readonly soap: string;
}

export interface EwsSimulator {
  readonly url: string;
  readonly port: number;
  /** PEM of its own certificate, to be trusted by whoever asks it. */
  readonly certificate: string;
  readonly mails: readonly SubmittedMail[];
  readonly requests: readonly SeenRequest[];
  /** Connections opened so far. */
  readonly connectionCount: number;
  close(): Promise<void>;
}

const path = '/EWS/Exchange.asmx';
const maxRequestBytes = 256 * 1024 * 1024;

/** A strict stand-in for one Exchange server's EWS, over TLS on loopback. */
export async function startEwsSimulator(changes: Partial<EwsSimulatorOptions> = {}): Promise<EwsSimulator> {
  const simulation = new Simulation({ ...defaultEwsSimulatorOptions, ...changes });
  return simulation.listen();
}

class Simulation {
  readonly #options: EwsSimulatorOptions;
  readonly #desk = new SignInDesk();
  readonly #mails: SubmittedMail[] = [];
  readonly #requests: SeenRequest[] = [];
  readonly #copies = new Map<string, StoredCopy[]>();
  readonly #busy = new Map<string, number>();
  readonly #counts = new Map<Operation, number>();
  #certificate: X509Certificate | null = null;
  #spent = 0;
  #busyUntil = 0;

  constructor(options: EwsSimulatorOptions) {
    this.#options = options;
  }

  async listen(): Promise<EwsSimulator> {
    const { cert, key } =
      this.#options.certificate ?? (await makeCertificate({ names: ['127.0.0.1', 'localhost'] }));
    this.#certificate = new X509Certificate(cert);
    let connectionCount = 0;
    const server = createServer({ cert, key }, (request, response) => {
      void this.#serve(request, response).catch(() => response.destroy());
    });
    server.on('secureConnection', () => {
      connectionCount += 1;
    });
    server.keepAliveTimeout = 120_000;
    await new Promise<void>((resolve) => {
      server.listen(this.#options.port, '127.0.0.1', resolve);
    });
    const { port } = addressOf(server.address());
    return {
      url: `https://127.0.0.1:${port}${path}`,
      port,
      certificate: cert,
      mails: this.#mails,
      requests: this.#requests,
      get connectionCount() {
        return connectionCount;
      },
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url === '/') return write(response, this.#overview());
    const bytes = await readAll(request);
    if (request.url !== path) return write(response, plain(404));
    if (request.method !== 'POST') return write(response, plain(405, { allow: 'POST' }));
    const signIn = this.#desk.check(request, {
      ...this.#options,
      tokens: await this.#tokensFor(request),
      boundTo: this.#options.requiresChannelBinding ? this.#certificate : null,
    });
    if (signIn.kind === 'refused') {
      response.setHeader('www-authenticate', signIn.offers);
      return write(response, plain(401, {}, 'Unauthorized'));
    }
    if (!/^text\/xml;\s*charset="?utf-8"?$/i.test(request.headers['content-type'] ?? '')) {
      return write(response, plain(415));
    }
    const read = readRequest(bytes);
    if (typeof read === 'string') {
      const values = { LineNumber: '1', LinePosition: '1', Violation: read };
      const text = `The request failed schema validation: ${read}`;
      return write(response, fault('ErrorSchemaValidation', text, values));
    }
    const soap = bytes.toString('utf8').replace(/(<t:MimeContent[^>]*>)[^<]*/, '$1***');
    this.#remember(this.#requests, { operation: read.operation, headers: request.headers, soap });
    await this.#handle(read, signIn.mailbox, request, response);
  }

  async #tokensFor(request: IncomingMessage): Promise<EwsSimulatorOptions['tokens']> {
    const { tokens, readToken } = this.#options;
    const token = /^Bearer (?<token>\S+)$/i.exec(request.headers.authorization ?? '')?.groups?.['token'];
    if (token === undefined || readToken === undefined) return tokens;
    const mailbox = await readToken(token);
    return mailbox === undefined ? tokens : new Map([...tokens, [token, mailbox]]);
  }

  #remember<Entry>(list: Entry[], entry: Entry): void {
    list.push(entry);
    if (list.length > (this.#options.remembers ?? Infinity)) list.shift();
  }

  async #handle(
    read: EwsRequest,
    signedIn: string | null,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const mailbox = this.#mailboxOf(read, signedIn, request);
    if (typeof mailbox !== 'string') return write(response, mailbox);
    const inWork = (this.#busy.get(mailbox) ?? 0) + 1;
    this.#busy.set(mailbox, inWork);
    try {
      const throttle = this.#throttle(inWork);
      if (throttle !== null) return write(response, throttle);
      const count = (this.#counts.get(read.operation) ?? 0) + 1;
      this.#counts.set(read.operation, count);
      const reaction = this.#options.react(read.operation, count);
      const answer = reaction === null || reaction.send === true ? await this.#perform(read, mailbox) : null;
      if (reaction !== null) return await react(reaction, read.operation, response);
      if (answer !== null) write(response, answer);
    } finally {
      this.#busy.set(mailbox, (this.#busy.get(mailbox) ?? 1) - 1);
    }
  }

  /** The mailbox that a request is about, or its refusal. */
  #mailboxOf(read: EwsRequest, signedIn: string | null, request: IncomingMessage): string | Answer {
    if (read.impersonated === null) {
      return signedIn ?? fault('ErrorMissingEmailAddress', 'An app without a mailbox must impersonate one.');
    }
    if (!this.#options.mayImpersonate) {
      return fault(
        'ErrorImpersonateUserDenied',
        'The account does not have permission to impersonate the user.',
      );
    }
    // "When you use impersonation, always set X-AnchorMailbox" [Authenticate an EWS application by using OAuth].
    if (request.headers['x-anchormailbox'] !== read.impersonated)
      return plain(400, {}, 'X-AnchorMailbox is missing');
    return this.#isMailbox(read.impersonated)
      ? read.impersonated
      : fault('ErrorNonExistentMailbox', 'The SMTP address has no mailbox associated with it.');
  }

  #isMailbox(address: string): boolean {
    const known = [...this.#options.users.map(({ mailbox }) => mailbox), ...this.#options.maySendAs];
    return known.includes(address);
  }

  #throttle(inWork: number): Answer | null {
    const { maxConcurrent, budget } = this.#options;
    if (inWork > maxConcurrent) {
      return fault('ErrorExceededConnectionCount', 'You have exceeded the available concurrent connections.');
    }
    if (budget === null) return null;
    const now = Date.now();
    if (now >= this.#busyUntil && this.#busyUntil > 0) {
      this.#spent = 0;
      this.#busyUntil = 0;
    }
    this.#spent += 1;
    if (this.#spent <= budget.requests) return null;
    if (this.#busyUntil === 0) this.#busyUntil = now + budget.backOffMs;
    return busyFault(this.#busyUntil - now);
  }

  async #perform(read: EwsRequest, mailbox: string): Promise<Answer> {
    const folders = read.body.children.at(-1)?.children ?? [];
    const denied = this.#delegateRefusal(read, mailbox);
    if (denied !== null) return denied;
    switch (read.operation) {
      case 'CreateItem':
        return this.#createItem(read, mailbox);
      case 'FindItem':
        return success(
          'FindItem',
          folders.map((folder) => this.#search(read, folder.attributes.get('Id'), mailbox)),
        );
      case 'GetFolder':
        return success(
          'GetFolder',
          folders.map(
            () => '<m:Folders><t:Folder><t:FolderId Id="AAMk=" ChangeKey="AQ=="/></t:Folder></m:Folders>',
          ),
        );
      default: {
        const never: never = read.operation;
        return never;
      }
    }
  }

  /** A folder of another mailbox needs a right to it. */
  #delegateRefusal({ body, operation }: EwsRequest, mailbox: string): Answer | null {
    const folder = findElement(body, typesNamespace, 'DistinguishedFolderId');
    const owner = folder?.children[0]?.text.trim().toLowerCase() ?? mailbox;
    if (owner === mailbox || this.#options.maySendAs.includes(owner)) return null;
    return this.#isMailbox(owner)
      ? refusal(operation, 'ErrorAccessDenied', {
          text: 'Access is denied. Check credentials and try again.',
        })
      : refusal(operation, 'ErrorNonExistentMailbox', { text: 'No mailbox with such guid.' });
  }

  async #createItem({ body }: EwsRequest, mailbox: string): Promise<Answer> {
    const disposition = body.attributes.get('MessageDisposition');
    if (disposition === undefined)
      return fault('ErrorMessageDispositionRequired', 'A disposition is required.');
    const message = findElement(body, typesNamespace, 'Message');
    const read =
      message === null ? 'ErrorMimeContentInvalid' : await readMessage(message, this.#options.undocumented);
    if (typeof read === 'string') return refusal('CreateItem', read);
    if (read.sizeBytes > this.#options.maxMessageBytes) {
      return refusal('CreateItem', 'ErrorMessageSizeExceeded', {
        text: 'The message exceeds the maximum supported size.',
      });
    }
    if (read.from !== '' && read.from !== mailbox && !this.#options.maySendAs.includes(read.from)) {
      return refusal('CreateItem', 'ErrorSendAsDenied', {
        text: 'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.',
      });
    }
    const { undocumented } = this.#options;
    const isCopySaved = disposition === 'SendAndSaveCopy';
    const mail = { mailbox, to: read.to, messageId: read.messageId, content: read.content, isCopySaved };
    this.#remember(this.#mails, mail);
    this.#options.onMail?.(mail);
    if (isCopySaved) {
      const messageId =
        undocumented.messageId === 'kept' ? read.messageId : `<${this.#mails.length}@exchange.example.test>`;
      const copies = this.#copies.get(mailbox) ?? [];
      const { looksUntilVisible } = undocumented;
      this.#remember(copies, { messageId, extended: read.extended, looksUntilVisible });
      this.#copies.set(mailbox, copies);
    }
    return success('CreateItem', ['<m:Items/>']);
  }

  #search({ body }: EwsRequest, folder: string | undefined, mailbox: string): string {
    const expression = body.children.find(({ name }) => name === 'Restriction')?.children[0];
    const inFolder = folder === 'sentitems' ? (this.#copies.get(mailbox) ?? []) : [];
    const visible = inFolder.filter((copy) => {
      copy.looksUntilVisible -= 1;
      return copy.looksUntilVisible < 0;
    });
    const found = visible.filter((copy) => expression === undefined || fits(copy, expression));
    const items = found.map(
      (_copy, index) => `<t:Message><t:ItemId Id="AAMk${index}" ChangeKey="CQ=="/></t:Message>`,
    );
    return (
      `<m:RootFolder IndexedPagingOffset="${found.length}" TotalItemsInView="${found.length}" IncludesLastItemInRange="true">` +
      `<t:Items>${items.slice(0, 1).join('')}</t:Items></m:RootFolder>`
    );
  }

  /** What each mailbox got, for whoever started the server by hand. */
  #overview(): Answer {
    const received = new Map<string, SubmittedMail[]>();
    for (const mail of this.#mails) {
      for (const to of mail.to) received.set(to, [...(received.get(to) ?? []), mail]);
    }
    const text = [...received].map(
      ([to, mails]) => `== ${to}: ${mails.length}\n${mails.map(({ content }) => content).join('\n--\n')}`,
    );
    return plain(200, { 'content-type': 'text/plain; charset=utf-8' }, `${text.join('\n\n')}\n`);
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  request.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > maxRequestBytes) request.destroy();
    else chunks.push(chunk);
  });
  await new Promise<void>((resolve, reject) => {
    request.once('end', resolve);
    request.once('error', reject);
    request.once('close', () => reject(new Error('The request was broken off')));
  });
  return Buffer.concat(chunks);
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('The server has no port');
  return address;
}
