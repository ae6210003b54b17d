import tls from 'node:tls';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Socket } from 'node:net';
import { openGuardedSocket } from '../connect.ts';
import type { SendOutcome, Stage } from '../contract.ts';
import { connectFaultOutcome, refusedOutcome } from '../outcome.ts';
import { secretForms } from '../transcript.ts';
import { parseCapabilities, type SmtpCapabilities } from './capabilities.ts';
import type { SmtpFaultCode, Verdict } from './fault-codes.ts';
import { judgeFailure } from './judge-failure.ts';
import { judgeReply } from './judge-reply.ts';
import { parseReply } from './reply.ts';
import { SmtpSession } from './session.ts';
import { SessionWatch, type SetupObserver } from './session-watch.ts';
import type { SmtpTransportOptions } from './settings.ts';
import { SmtpWire, type WireFailure } from './wire.ts';

export type OpenResult =
  | { readonly ok: true; readonly session: SmtpSession }
  | { readonly ok: false; readonly outcome: SendOutcome };

/** The options with what is made of them once per transport. */
export interface SessionSettings {
  readonly options: SmtpTransportOptions;
  readonly secureContext: tls.SecureContext | undefined;
  readonly secretForms: readonly string[];
}

/** Reading a PEM into OpenSSL costs milliseconds, so it is done once and not for each connection. */
export function prepareSessionSettings(options: SmtpTransportOptions): SessionSettings {
  const secureContext =
    options.customCa === null
      ? undefined
      : tls.createSecureContext({ ca: [...tls.getCACertificates('default'), options.customCa] });
  const password = options.authentication?.password;
  return { options, secureContext, secretForms: password === undefined ? [] : secretForms([password]) };
}

/**
 * Connects, greets, secures and signs in. No password and no mail ever passes when the server (or someone between)
 * leaves STARTTLS or AUTH out of its offer and the settings ask for it.
 */
export async function openSession(
  settings: SessionSettings,
  signal: AbortSignal,
  observer: SetupObserver,
): Promise<OpenResult> {
  const { options } = settings;
  const connected = await openGuardedSocket(
    options.endpoint,
    {
      guard: options.addressGuard,
      proxy: options.proxy,
      dnsTimeoutMs: options.deadlines.dnsMs,
      connectTimeoutMs: options.deadlines.connectMs,
      lookup: options.lookup,
    },
    signal,
    observer.stage,
  );
  if (!connected.ok) return { ok: false, outcome: connectFaultOutcome(connected.fault) };
  const setup = new SessionSetup(settings, connected.socket, observer);
  const outcome = await setup.run(signal);
  if (outcome !== null) {
    setup.wire.drop();
    return { ok: false, outcome };
  }
  return { ok: true, session: setup.session() };
}

class SessionSetup {
  readonly wire: SmtpWire;
  readonly #settings: SessionSettings;
  readonly #watch: SessionWatch;
  #capabilities: SmtpCapabilities = parseCapabilities('');

  constructor(settings: SessionSettings, socket: Socket, observer: SetupObserver) {
    const { options } = settings;
    this.#settings = settings;
    this.#watch = new SessionWatch(options.protocol === 'smtps', observer, {
      entered: (stage) => this.wire.extend(stageDeadlineMs(options, stage)),
      tlsDetail: () => describeTls(this.wire.connection._socket),
    });
    this.wire = new SmtpWire(new SMTPConnection(connectionOptions(settings, socket, this.#watch)));
  }

  session(): SmtpSession {
    const { options, secretForms: forms } = this.#settings;
    const session = new SmtpSession({
      wire: this.wire,
      watch: this.#watch,
      capabilities: this.#capabilities,
      deadlines: options.deadlines,
      secretForms: forms,
    });
    session.listen(this.#watch.transcript);
    return session;
  }

  /** Null when the session is ready for mail. */
  async run(signal: AbortSignal): Promise<SendOutcome | null> {
    return (await this.#greet(signal)) ?? (await this.#signIn(signal));
  }

  async #greet(signal: AbortSignal): Promise<SendOutcome | null> {
    const { connection } = this.wire;
    const result = await this.wire.run<undefined>(
      (done) =>
        connection.connect((error) => {
          // The answer to EHLO is the last thing said at this very moment.
          if (error === undefined)
            this.#capabilities = parseCapabilities(connection.lastServerResponse || '');
          done(error, undefined);
        }),
      stageDeadlineMs(this.#settings.options, this.#watch.stage),
      signal,
    );
    return result.ok ? null : this.#judge(result.failure);
  }

  async #signIn(signal: AbortSignal): Promise<SendOutcome | null> {
    const { authentication, tlsPolicy } = this.#settings.options;
    const { connection } = this.wire;
    if (authentication === null) {
      this.#watch.finish();
      return null;
    }
    if (!connection.secure && tlsPolicy !== 'none')
      return this.#refuse('SMTP_TLS_REQUIRED_FOR_PASSWORD', 'tls');
    this.#watch.enter('authenticate');
    const mechanisms = this.#capabilities.authMechanisms;
    if (mechanisms === null) return this.#refuse('SMTP_AUTH_NOT_OFFERED', 'authenticate');
    if (!mechanisms.some((name) => usableMechanisms.has(name))) {
      return this.#refuse('SMTP_AUTH_MECHANISM_MISSING', 'authenticate');
    }
    const { userName, password } = authentication;
    const result = await this.wire.run<boolean | undefined>(
      (done) => connection.login({ user: userName, pass: password }, (error, isDone) => done(error, isDone)),
      this.#settings.options.deadlines.commandMs,
      signal,
    );
    if (!result.ok) return this.#judge(result.failure);
    this.#watch.finish();
    return null;
  }

  #refuse(code: SmtpFaultCode, stage: Stage): SendOutcome {
    const verdict: Verdict = { kind: 'credentials', code, scope: 'mailbox', retryAfterMs: null };
    return refusedOutcome({ verdict, stage, reply: null });
  }

  #judge(failure: WireFailure): SendOutcome {
    const stage = this.#watch.stage;
    switch (failure.cause) {
      case 'aborted':
      case 'dropped':
        return { kind: 'withheld' };
      case 'timeout':
        return refusedOutcome({ verdict: hostVerdict('SMTP_TIMEOUT'), stage, reply: null });
      case 'refused':
      case 'lost': {
        const reply = parseReply(failure.error.response, this.#settings.secretForms);
        if (reply === null)
          return refusedOutcome({ verdict: judgeFailure(stage, failure.error), stage, reply });
        if (stage === 'tls' && !parseCapabilities(this.#watch.plainEhlo ?? '').startTls) {
          return refusedOutcome({ verdict: hostVerdict('SMTP_STARTTLS_MISSING'), stage, reply });
        }
        return refusedOutcome({ verdict: judgeReply(stage, reply), stage, reply });
      }
      default: {
        const never: never = failure;
        return never;
      }
    }
  }
}

/** Those that nodemailer speaks with a password. */
const usableMechanisms: ReadonlySet<string> = new Set(['PLAIN', 'LOGIN', 'CRAM-MD5']);

function describeTls(socket: unknown): string | null {
  if (!(socket instanceof tls.TLSSocket)) return null;
  return [socket.getProtocol(), socket.getCipher()?.name].filter(Boolean).join(', ');
}

function hostVerdict(code: SmtpFaultCode): Verdict {
  return { kind: 'unreachable', code, scope: 'host', retryAfterMs: null };
}

function stageDeadlineMs(options: SmtpTransportOptions, stage: Stage): number {
  return stage === 'authenticate' ? options.deadlines.commandMs : options.deadlines.greetingMs;
}

function connectionOptions(
  settings: SessionSettings,
  socket: Socket,
  logger: SessionWatch,
): SMTPConnection.Options {
  const { options, secureContext } = settings;
  const { greetingMs, commandMs, dataIdleMs, finalAnswerMs } = options.deadlines;
  const isPlain = options.protocol === 'smtp';
  const hasPassword = options.authentication !== null;
  return {
    connection: socket,
    host: options.endpoint.host,
    port: options.endpoint.port,
    name: options.ehloName,
    secure: !isPlain,
    ignoreTLS: isPlain && options.tlsPolicy === 'none',
    requireTLS: isPlain && options.tlsPolicy === 'required',
    opportunisticTLS: isPlain && options.tlsPolicy === 'whenOffered' && !hasPassword,
    tls: {
      rejectUnauthorized: options.checkCertificate,
      ...(secureContext === undefined ? {} : { secureContext }),
    },
    greetingTimeout: greetingMs,
    connectionTimeout: greetingMs * 3,
    socketTimeout: Math.max(commandMs, dataIdleMs, finalAnswerMs) * 2,
    socketCloseTimeout: 0,
    // Steps and dialogue of the setting-up are told to the watch; it is switched off for the mails.
    logger,
    transactionLog: true,
  };
}
