import net from 'node:net';
import { pathToFileURL } from 'node:url';

/**
 * A sink that costs almost nothing, so that what is measured is the client. It takes every mail, counts mails and
 * client bursts (reads) and remembers Message-IDs. Run by hand or as a child: `node tests/servers/smtp/fast-sink.ts`
 * prints its port as JSON and answers any line on stdin with its counts.
 */
export interface FastSinkCounts {
  readonly mails: number;
  readonly bursts: number;
  readonly connections: number;
  readonly bytes: number;
  /** How often each Message-ID arrived. */
  readonly messageIds: ReadonlyMap<string, number>;
}

export interface FastSink {
  readonly port: number;
  counts(): FastSinkCounts;
  reset(): void;
  close(): Promise<void>;
}

export interface FastSinkOptions {
  readonly port?: number;
  readonly pipelining?: boolean;
  /** Called for each mail right before its answer is written. */
  readonly onMail?: (messageId: string | null) => void;
}

/** Of a long mail only its head is kept, so that a sink of many large mails stays small. */
const keptHeadBytes = 4096;

const endOfData = Buffer.from('\r\n.\r\n');

export async function startFastSink(options: FastSinkOptions = {}): Promise<FastSink> {
  const messageIds = new Map<string, number>();
  const totals = { mails: 0, bursts: 0, connections: 0, bytes: 0 };
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ noDelay: true }, (socket) => {
    totals.connections += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    serve(socket, options, totals, messageIds);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    counts: () => ({ ...totals, messageIds: new Map(messageIds) }),
    reset: () => {
      Object.assign(totals, { mails: 0, bursts: 0, connections: 0, bytes: 0 });
      messageIds.clear();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function serve(
  socket: net.Socket,
  options: FastSinkOptions,
  totals: { mails: number; bursts: number; bytes: number },
  messageIds: Map<string, number>,
): void {
  let rest: Buffer = Buffer.alloc(0);
  let head: Buffer | null = null;
  let isData = false;
  const ehlo =
    (options.pipelining ?? true)
      ? '250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n'
      : '250-sink\r\n250 8BITMIME\r\n';
  socket.write('220 sink ESMTP\r\n');
  socket.on('data', (chunk) => {
    totals.bursts += 1;
    totals.bytes += chunk.length;
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let answers = '';
    for (;;) {
      if (isData) {
        const end = rest.indexOf(endOfData);
        if (end < 0) {
          if (rest.length > 16 * keptHeadBytes) {
            head ??= Buffer.from(rest.subarray(0, keptHeadBytes));
            rest = Buffer.from(rest.subarray(1 - endOfData.length));
          }
          break;
        }
        const id = remember(
          (head ?? rest).toString('latin1', 0, head === null ? Math.min(end, keptHeadBytes) : keptHeadBytes),
          messageIds,
        );
        head = null;
        options.onMail?.(id);
        rest = rest.subarray(end + endOfData.length);
        isData = false;
        totals.mails += 1;
        answers += '250 2.0.0 Ok: queued as SINK\r\n';
        continue;
      }
      const end = rest.indexOf('\n');
      if (end < 0) break;
      const verb = rest.toString('latin1', 0, Math.min(4, end)).toUpperCase();
      rest = rest.subarray(end + 1);
      if (verb === 'EHLO') answers += ehlo;
      else if (verb === 'DATA') {
        isData = true;
        answers += '354 go\r\n';
      } else if (verb === 'QUIT') {
        socket.end(`${answers}221 bye\r\n`);
        return;
      } else answers += '250 2.0.0 Ok\r\n';
    }
    if (answers !== '') socket.write(answers);
  });
}

function remember(head: string, messageIds: Map<string, number>): string | null {
  const id = /^message-id:\s*(?<id><[^>]*>)/im.exec(head)?.groups?.['id'];
  if (id === undefined) return null;
  messageIds.set(id, (messageIds.get(id) ?? 0) + 1);
  return id;
}

async function runAlone(): Promise<void> {
  const isPlain = process.argv.includes('--plain');
  const portArgument = process.argv.find((argument) => argument.startsWith('--port='));
  const port = portArgument === undefined ? 0 : Number(portArgument.slice('--port='.length));
  const sink = await startFastSink({ port, pipelining: !isPlain });
  process.stdout.write(`${JSON.stringify({ port: sink.port })}\n`);
  process.stdin.on('data', (line) => {
    const { messageIds, ...totals } = sink.counts();
    const repeated = [...messageIds].filter(([, times]) => times > 1).map(([id]) => id);
    process.stdout.write(`${JSON.stringify({ ...totals, distinct: messageIds.size, repeated })}\n`);
    if (String(line).startsWith('reset')) sink.reset();
  });
  process.stdin.on('end', () => void sink.close().then(() => process.exit(0)));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await runAlone();
