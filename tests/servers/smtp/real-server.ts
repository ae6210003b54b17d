import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly isSecure: boolean;
  readonly user: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface RealServer {
  readonly port: number;
  readonly mails: readonly ReceivedMail[];
  /** User and password of each sign-in, as the server saw them. */
  readonly signIns: readonly { readonly user: string; readonly password: string }[];
  close(): Promise<void>;
}

/** A real SMTP server (npm smtp-server) on loopback that keeps what it was given. */
export async function startRealServer(options: SMTPServerOptions = {}): Promise<RealServer> {
  const mails: ReceivedMail[] = [];
  const signIns: { user: string; password: string }[] = [];
  const server = new SMTPServer({
    logger: false,
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 200,
    onAuth: (auth, _session, done) => {
      signIns.push({ user: auth.username ?? '', password: auth.password ?? '' });
      if (auth.username === 'sender@example.test' && auth.password === 'correct horse') {
        return done(null, { user: auth.username });
      }
      const refusal = Object.assign(new Error('5.7.8 Invalid username or password'), { responseCode: 535 });
      return done(refusal);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map((recipient) => recipient.address),
          raw: Buffer.concat(chunks).toString('utf8'),
          isSecure: session.secure,
          user: session.user === undefined ? null : String(session.user),
          parameters: mailFrom === false ? {} : { ...mailFrom.args },
        });
        done(null, '2.0.0 Ok: queued as REAL1');
      });
    },
    ...options,
  });
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    mails,
    signIns,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
