import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerOptions,
  type SMTPServerSession,
} from 'smtp-server';
import type { InboxEntry } from './inbox-folder.ts';
import { createMailKeeper, type KeepMail } from './keep-mail.ts';

export interface InboxServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface InboxOptions {
  readonly folder: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly maxMessageBytes: number;
  readonly onMail?: (entry: InboxEntry) => void;
  /** In place of taking any sign-in in plain text: certificate and sign-in of a server that wants them. */
  readonly signIn?: Pick<
    SMTPServerOptions,
    'cert' | 'key' | 'disabledCommands' | 'authMethods' | 'authOptional' | 'onAuth'
  >;
}

/**
 * A real SMTP server on loopback that keeps what it gets in a folder and sends nothing on. It takes any sender,
 * any recipient and any sign-in: what a project would hand to its mail server, it hands to this one. Two recipients
 * show what refusals look like: refused@ any domain for good, busy@ any domain for now.
 * @throws the server's own error when the port is taken (EADDRINUSE)
 */
export async function serveInbox(options: InboxOptions): Promise<InboxServer> {
  const answer = receiver(options);
  const server = new SMTPServer({
    name: 'inbox.mailroom.local',
    banner: 'Mailroom built-in inbox',
    // Loopback only, and no certificate of ours would be worth anything.
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    size: options.maxMessageBytes,
    logger: false,
    closeTimeout: 1_000,
    onAuth: (auth, _session, callback) => callback(null, { user: auth.username ?? 'anonymous' }),
    ...options.signIn,
    onRcptTo: (recipient, _session, callback) => callback(refusalOf(recipient.address)),
    onData(stream, session, callback) {
      const finish = async (): Promise<void> => callback(await answer(stream, session));
      void finish();
    },
  });
  const listening = server.listen(options.port, '127.0.0.1');
  await new Promise<void>((started, refused) => {
    server.once('error', refused);
    listening.once('listening', () => started());
  });
  // From here on an error is a client that went away in mid-dialogue, which is no fault of the inbox.
  server.on('error', () => undefined);
  const address = listening.address();
  if (address === null || typeof address === 'string') throw new Error('The inbox has no port.');
  return {
    port: address.port,
    close: () => new Promise((done) => server.close(() => done())),
  };
}

/** Keeps one mail; resolves to the refusal that the client is to hear, or to nothing when it is kept. */
function receiver({ folder, onMail }: InboxOptions) {
  const keep = createMailKeeper(folder);
  return async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<Error | undefined> => {
    try {
      const entry = await receive(keep, stream, session);
      if (entry === null) return smtpRefusal(552, 'Message is larger than this inbox takes');
      onMail?.(entry);
      return undefined;
    } catch {
      return smtpRefusal(451, 'The inbox could not keep this message');
    }
  };
}

async function receive(
  keep: KeepMail,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<InboxEntry | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    if (!stream.sizeExceeded) chunks.push(Buffer.from(chunk));
  }
  if (stream.sizeExceeded) return null;
  const { mailFrom, rcptTo } = session.envelope;
  return await keep(Buffer.concat(chunks), {
    via: 'smtp',
    envelopeFrom: mailFrom === false ? '' : mailFrom.address,
    envelopeTo: rcptTo.map((recipient) => recipient.address),
  });
}

function refusalOf(recipient: string): Error | null {
  if (recipient.startsWith('refused@')) return smtpRefusal(550, '5.1.1 No such mailbox here');
  if (recipient.startsWith('busy@')) return smtpRefusal(450, '4.2.1 Mailbox busy, try again later');
  return null;
}

function smtpRefusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
