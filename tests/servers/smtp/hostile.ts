import net from 'node:net';
import tls from 'node:tls';
import type { HostileScript, HostileStage } from './hostile-script.ts';

export interface HostileServer {
  readonly port: number;
  /** Every line that arrived outside of the content, over all connections, with whether it was encrypted. */
  readonly lines: readonly { readonly text: string; readonly isSecure: boolean }[];
  /** Contents that came to their end. */
  readonly contents: readonly string[];
  /** The same contents, each with the recipients that were accepted for it. */
  readonly deliveries: readonly HostileDelivery[];
  /** Bytes of content seen, ended or not. */
  contentBytes(): number;
  connectionCount(): number;
  /** Closes every open connection, as servers do with idle ones. */
  dropAll(): void;
  close(): Promise<void>;
}

export interface HostileDelivery {
  readonly to: readonly string[];
  readonly content: string;
  /** What was answered to end-of-data; empty where nothing was. */
  readonly reply: string;
}

const usualReplies: Record<HostileStage, string> = {
  greeting: '220 hostile.test ESMTP',
  ehlo: '250 hostile.test',
  starttls: '220 2.0.0 go ahead',
  auth: '235 2.7.0 signed in',
  mail: '250 2.1.0 Ok',
  rcpt: '250 2.1.5 Ok',
  data: '354 go',
  content: '',
  endOfData: '250 2.0.0 Ok: queued as HOSTILE1',
  rset: '250 2.0.0 Ok',
};

/** A server that behaves until its script says otherwise. */
export async function startHostileServer(
  script: HostileScript = {},
  onDelivery: (delivery: HostileDelivery) => void = () => undefined,
): Promise<HostileServer> {
  const record: Recording = {
    lines: [],
    contents: [],
    deliveries: [],
    contentBytes: 0,
    times: new Map(),
    onDelivery,
  };
  const sockets = new Set<net.Socket>();
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    const isSmtps = script.isSmtps === true && script.tls !== undefined;
    const line = isSmtps ? new tls.TLSSocket(socket, { isServer: true, ...script.tls }) : socket;
    new HostileDialogue(line, script, record, isSmtps).start();
  });
  await new Promise<void>((resolve) => {
    server.listen(script.port ?? 0, script.host ?? '127.0.0.1', resolve);
  });
  const address = server.address();
  const dropAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    lines: record.lines,
    contents: record.contents,
    deliveries: record.deliveries,
    contentBytes: () => record.contentBytes,
    connectionCount: () => connections,
    dropAll,
    close: () =>
      new Promise((resolve) => {
        dropAll();
        server.close(() => resolve());
      }),
  };
}

interface Recording {
  readonly lines: { text: string; isSecure: boolean }[];
  readonly contents: string[];
  readonly deliveries: HostileDelivery[];
  contentBytes: number;
  readonly times: Map<HostileStage, number>;
  readonly onDelivery: (delivery: HostileDelivery) => void;
}

class HostileDialogue {
  readonly #socket: net.Socket;
  readonly #script: HostileScript;
  readonly #record: Recording;
  readonly #isSecure: boolean;
  #rest = '';
  #isContent = false;
  #recipients: string[] = [];
  #isOver = false;

  constructor(socket: net.Socket, script: HostileScript, record: Recording, isSecure: boolean) {
    this.#socket = socket;
    this.#script = script;
    this.#record = record;
    this.#isSecure = isSecure;
  }

  start(): void {
    this.listen();
    this.#react('greeting', '');
  }

  listen(): void {
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('data', (chunk: Buffer) => {
      this.#rest += chunk.toString('latin1');
      if (this.#isContent) this.#record.contentBytes += chunk.length;
      this.#work();
    });
  }

  #work(): void {
    while (!this.#isOver) {
      if (this.#isContent) {
        if (!this.#takeContent()) return;
        continue;
      }
      const end = this.#rest.indexOf('\r\n');
      if (end < 0) return;
      const line = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      this.#record.lines.push({ text: line, isSecure: this.#isSecure });
      this.#takeLine(line);
    }
  }

  #takeContent(): boolean {
    if (this.#script.reactions?.content !== undefined) {
      this.#react('content', this.#rest);
      if (this.#isOver) return false;
    }
    const end = `\r\n${this.#rest}`.indexOf('\r\n.\r\n');
    if (end < 0) return false;
    const content = this.#rest.slice(0, end);
    this.#record.contents.push(content);
    this.#rest = this.#rest.slice(end + 3);
    this.#isContent = false;
    const reply = this.#react('endOfData', content);
    const delivery = { to: this.#recipients, content: content.replaceAll('\r\n..', '\r\n.'), reply };
    this.#record.deliveries.push(delivery);
    this.#record.onDelivery(delivery);
    return true;
  }

  #takeLine(line: string): unknown {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return this.#react('ehlo', line);
    if (verb === 'HELO') return this.#write('250 hostile.test');
    if (verb === 'STAR') return this.#startTls(line);
    if (verb === 'AUTH') return this.#react('auth', line);
    if (verb === 'MAIL') {
      this.#recipients = [];
      return this.#react('mail', line);
    }
    if (verb === 'RCPT') {
      const answer = this.#react('rcpt', line);
      if (answer.startsWith('2')) this.#recipients.push(line.replace(/^.*<|>.*$/g, ''));
      return answer;
    }
    if (verb === 'RSET') return this.#react('rset', line);
    if (verb === 'QUIT') {
      this.#isOver = true;
      return this.#socket.end('221 bye\r\n');
    }
    if (verb !== 'DATA') return this.#write('500 5.5.2 unknown');
    const isTaken = this.#react('data', line);
    this.#isContent = isTaken.startsWith('354');
    if (this.#isContent && this.#script.refusesToRead === true) {
      this.#isOver = true;
      this.#socket.pause();
    }
    return isTaken;
  }

  #startTls(line: string): void {
    const certificate = this.#script.tls;
    const answer = this.#react('starttls', line);
    if (certificate === undefined || !answer.startsWith('220')) return;
    this.#socket.removeAllListeners('data');
    this.#isOver = true;
    const secured = new tls.TLSSocket(this.#socket, { isServer: true, ...certificate });
    new HostileDialogue(secured, this.#script, this.#record, true).listen();
  }

  /** Does what the script says and returns the text of the reply, empty where there is none. */
  #react(stage: HostileStage, line: string): string {
    const times = (this.#record.times.get(stage) ?? 0) + 1;
    this.#record.times.set(stage, times);
    const scripted = this.#script.reactions?.[stage];
    const reaction = typeof scripted === 'function' ? scripted(line, times) : scripted;
    if (reaction === undefined || reaction.do === 'usual') {
      if (stage === 'content') return '';
      const text = stage === 'ehlo' ? this.#offer() : this.#usual(stage);
      this.#write(text);
      return text;
    }
    switch (reaction.do) {
      case 'reply':
        this.#write(reaction.text);
        return reaction.text;
      case 'replyWhen':
        void reaction.resolved.then(() => this.#write(reaction.text));
        return reaction.text;
      case 'raw':
        if (this.#socket.writable) this.#socket.write(reaction.text);
        return reaction.text;
      case 'replyAndDrop':
        this.#isOver = true;
        this.#socket.end(`${reaction.text}\r\n`);
        return reaction.text;
      case 'drop':
        this.#isOver = true;
        this.#socket.destroy();
        return '';
      case 'stall':
        this.#isOver = true;
        return '';
      case 'drip': {
        this.#isOver = true;
        const timer = setInterval(() => this.#socket.write(reaction.text), reaction.everyMs);
        this.#socket.once('close', () => clearInterval(timer));
        return '';
      }
      default: {
        const never: never = reaction;
        return never;
      }
    }
  }

  #usual(stage: HostileStage): string {
    if (stage === 'data' && this.#recipients.length === 0) return '503 5.5.1 no valid recipients';
    const { tls: certificate, offersStartTls } = this.#script;
    if (stage === 'starttls' && (certificate === undefined || offersStartTls === false)) {
      return '502 5.5.1 not here';
    }
    return usualReplies[stage];
  }

  #offer(): string {
    const keywords = [...(this.#script.ehlo ?? ['PIPELINING', '8BITMIME', 'ENHANCEDSTATUSCODES'])];
    if (this.#script.tls !== undefined && this.#script.offersStartTls !== false && !this.#isSecure) {
      keywords.push('STARTTLS');
    }
    const lines = ['hostile.test', ...keywords];
    return lines.map((text, index) => `250${index === lines.length - 1 ? ' ' : '-'}${text}`).join('\r\n');
  }

  #write(text: string): void {
    if (this.#socket.writable) this.#socket.write(`${text}\r\n`);
  }
}
