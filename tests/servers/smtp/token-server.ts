import type { SMTPServerAuthentication, SMTPServerOptions } from 'smtp-server';
import { createServer, type Socket } from 'node:net';
import tls from 'node:tls';
import type { TestCertificate } from './certificates.ts';

/** Whether the token is good for that mailbox. */
export type TokenCheck = (userName: string, token: string) => Promise<boolean>;

/** What the real SMTP server takes to sign in by XOAUTH2 as Google does: a refusal comes as JSON in a challenge. */
export function xoauth2Options(certificate: TestCertificate, check: TokenCheck): SMTPServerOptions {
  return {
    cert: certificate.cert,
    key: certificate.key,
    disabledCommands: [],
    authMethods: ['XOAUTH2'],
    authOptional: false,
    onAuth: (auth, _session, done) => void answerAuth(auth, check, done),
  };
}

async function answerAuth(
  auth: SMTPServerAuthentication,
  check: TokenCheck,
  done: Parameters<NonNullable<SMTPServerOptions['onAuth']>>[2],
): Promise<void> {
  const userName = auth.username ?? '';
  const isGood = await check(userName, tokenIn(auth));
  const refusal = { status: '401', schemes: 'bearer', scope: 'https://mail.google.com/' };
  done(null, isGood ? { user: userName } : { data: refusal });
}

function tokenIn(auth: SMTPServerAuthentication): string {
  return 'accessToken' in auth && typeof auth.accessToken === 'string' ? auth.accessToken : '';
}

export interface BearerServer {
  readonly port: number;
  /** The AUTH lines as they came, tokens and all. */
  readonly commands: readonly string[];
  close(): Promise<void>;
}

export interface BearerRules {
  readonly certificate: TestCertificate;
  readonly check: TokenCheck;
  readonly mechanism: 'OAUTHBEARER' | 'XOAUTH2';
  /** Like Exchange Online: 535 at once, without JSON. */
  readonly refusesAtOnce?: boolean;
  /** Finds a long AUTH line too long, and takes the token after an empty challenge (RFC 4954 4). */
  readonly wantsShortLines?: boolean;
}

/** SMTPS that offers one token mechanism only and follows RFC 7628 to the letter, which no server of npm does. */
export async function startBearerServer(rules: BearerRules): Promise<BearerServer> {
  const commands: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((raw) => {
    sockets.add(raw);
    raw.on('close', () => sockets.delete(raw));
    const { cert, key } = rules.certificate;
    const socket = new tls.TLSSocket(raw, {
      isServer: true,
      secureContext: tls.createSecureContext({ cert, key }),
    });
    socket.on('error', () => undefined);
    void converse(socket, rules, commands);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    commands,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

async function converse(socket: tls.TLSSocket, rules: BearerRules, commands: string[]): Promise<void> {
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  let isData = false;
  /** What the next line is: the token after an empty challenge, or the last word of a refusal. */
  const wanted: { next: 'token' | 'acknowledgement' | null } = { next: null };
  say('220 bearer.test ESMTP');
  const decide = async (encoded: string): Promise<void> => {
    const { userName, token } = readBearer(rules.mechanism, Buffer.from(encoded, 'base64').toString('utf8'));
    if (await rules.check(userName, token)) return say('235 2.7.0 Accepted');
    if (rules.refusesAtOnce === true) return say('535 5.7.3 Authentication unsuccessful');
    wanted.next = 'acknowledgement';
    const json = JSON.stringify({ status: 'invalid_token', scope: 'smtp' });
    say(`334 ${Buffer.from(json).toString('base64')}`);
  };
  for await (const line of linesOf(socket)) {
    if (isData) {
      if (line !== '.') continue;
      isData = false;
      say('250 2.0.0 Ok: queued as BEARER1');
    } else if (wanted.next === 'acknowledgement') {
      wanted.next = null;
      const word = rules.mechanism === 'OAUTHBEARER' ? 'AQ==' : '';
      say(line === word ? '535 5.7.8 Token refused' : '501 5.5.2 Not what RFC 7628 asks for');
    } else if (wanted.next === 'token') {
      wanted.next = null;
      await decide(line);
    } else if (line.startsWith('AUTH ')) {
      commands.push(line);
      const [, mechanism, initial] = line.split(' ');
      if (mechanism !== rules.mechanism) say('504 5.5.4 No such mechanism');
      else if (initial !== undefined && rules.wantsShortLines === true) say('500 5.5.6 Line too long');
      else if (initial === undefined) {
        wanted.next = 'token';
        say('334 ');
      } else await decide(initial);
    } else if (line.startsWith('EHLO')) {
      say('250-bearer.test');
      say(`250 AUTH ${rules.mechanism}`);
    } else if (line === 'DATA') {
      isData = true;
      say('354 Go on');
    } else if (line === 'QUIT') {
      say('221 2.0.0 Bye');
      socket.end();
    } else say('250 2.0.0 Ok');
  }
}

function readBearer(
  mechanism: BearerRules['mechanism'],
  message: string,
): { userName: string; token: string } {
  const [first = '', ...fields] = message.split('\u0001');
  const auth = fields.find((field) => field.startsWith('auth=Bearer ')) ?? '';
  const isWhole =
    message.endsWith('\u0001\u0001') &&
    (mechanism === 'XOAUTH2' || ['host=', 'port='].every((name, at) => fields[at]?.startsWith(name)));
  const named = mechanism === 'XOAUTH2' ? /^user=(?<user>.*)$/u : /^n,a=(?<user>[^,]*),$/u;
  const userName = named.exec(first)?.groups?.['user'] ?? '';
  return {
    userName: userName.replaceAll('=2C', ',').replaceAll('=3D', '='),
    token: isWhole ? auth.slice('auth=Bearer '.length) : '',
  };
}

async function* linesOf(socket: tls.TLSSocket): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const chunk of socket) {
      rest += String(chunk);
      const lines = rest.split('\r\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } catch {
    // The client is gone.
  }
}
