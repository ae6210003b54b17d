import type { Socket } from 'node:net';
import SMTPConnection, { type SMTPConnectionCustomAuthContext } from 'nodemailer/lib/smtp-connection';
import type { SendOutcome, Stage } from '../contract.ts';
import { describeTls } from '../describe-tls.ts';
import { refusedOutcome } from '../outcome.ts';
import { maskSecrets, secretForms } from '../transcript.ts';
import { parseCapabilities, type SmtpCapabilities } from './capabilities.ts';
import { connectionOptions, type SessionSettings, stageDeadlineMs } from './connection-options.ts';
import type { SmtpFaultCode, Verdict } from './fault-codes.ts';
import { judgeFailure } from './judge-failure.ts';
import { judgeReply } from './judge-reply.ts';
import { parseReply } from './reply.ts';
import { SmtpSession } from './session.ts';
import { SessionWatch, type SetupObserver } from './session-watch.ts';
import { supplyToken } from './supply-token.ts';
import { isSafeForToken, signInByToken, tokenMechanism, tokenMethod } from './token-mechanisms.ts';
import { SmtpWire, type WireFailure, type WireResult } from './wire.ts';

/** The setting-up of one connected socket: greeting, TLS, sign-in. */
export class SessionSetup {
  readonly wire: SmtpWire;
  readonly #settings: SessionSettings;
  readonly #watch: SessionWatch;
  #capabilities: SmtpCapabilities = parseCapabilities('');
  readonly #observer: SetupObserver;
  #token: string | null;
  /** What the server said of a refused token, before its last word. */
  #challenge: string | null = null;

  constructor(settings: SessionSettings, token: string | null, socket: Socket, observer: SetupObserver) {
    const { options } = settings;
    this.#settings = settings;
    this.#token = token;
    this.#observer = observer;
    this.#watch = new SessionWatch(options.protocol === 'smtps', observer, {
      entered: (stage) => this.wire.extend(stageDeadlineMs(options, stage)),
      describeTls: () => describeTls(this.wire.connection._socket),
    });
    this.wire = new SmtpWire(
      new SMTPConnection({
        ...connectionOptions(settings, socket, this.#watch),
        customAuth: { [tokenMethod]: (context) => this.exchangeToken(context) },
      }),
    );
  }

  session(): SmtpSession {
    const { options } = this.#settings;
    const session = new SmtpSession({
      wire: this.wire,
      watch: this.#watch,
      capabilities: this.#capabilities,
      deadlines: options.deadlines,
      secretForms: this.#secretForms(),
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
    if (!('password' in authentication))
      return this.#signInByToken(authentication.userName, mechanisms, signal);
    if (!mechanisms.some((name) => usableMechanisms.has(name))) {
      return this.#refuse('SMTP_AUTH_MECHANISM_MISSING', 'authenticate');
    }
    const { userName, password } = authentication;
    const result = await this.#login({ user: userName, pass: password }, signal);
    if (!result.ok) return this.#judge(result.failure);
    this.#watch.finish();
    return null;
  }

  /** A refused token is replaced once, on the same connection; then the fault is the sign-in's. */
  async #signInByToken(
    userName: string,
    mechanisms: readonly string[],
    signal: AbortSignal,
  ): Promise<SendOutcome | null> {
    if (tokenMechanism(mechanisms) === null) {
      return this.#refuse('SMTP_TOKEN_MECHANISM_MISSING', 'authenticate');
    }
    if (!isSafeForToken(userName) || !isSafeForToken(this.#token ?? '')) {
      return this.#refuse('SMTP_TOKEN_REFUSED', 'authenticate');
    }
    const asToken = { type: 'custom', method: tokenMethod, user: userName } as const;
    const first = await this.#login(asToken, signal);
    if (first.ok) return this.#signedIn();
    const refusal = this.#judgeToken(first.failure);
    if (refusal.kind !== 'credentials' || !this.wire.isAlive) return refusal;
    const supplied = await supplyToken(this.#settings, this.#token, signal, this.#observer);
    if (!supplied.ok) return supplied.outcome;
    this.#token = supplied.token;
    const second = await this.#login(asToken, signal);
    return second.ok ? this.#signedIn() : this.#judgeToken(second.failure);
  }

  #signedIn(): null {
    this.#watch.finish();
    return null;
  }

  #login(
    auth: SMTPConnection.AuthenticationType,
    signal: AbortSignal,
  ): Promise<WireResult<boolean | undefined>> {
    return this.wire.run<boolean | undefined>(
      (done) => this.wire.connection.login(auth, (error, isDone) => done(error, isDone)),
      this.#settings.options.deadlines.commandMs,
      signal,
    );
  }

  #judgeToken(failure: WireFailure): SendOutcome {
    const outcome = this.#judge(failure);
    if (outcome.kind !== 'credentials' || outcome.fault.code !== 'SMTP_AUTH_REFUSED') return outcome;
    const { fault } = outcome;
    const said = maskSecrets(this.#challenge ?? '', this.#secretForms());
    const reply =
      fault.reply === null ? null : { ...fault.reply, text: `${fault.reply.text} ${said}`.trim() };
    return { kind: 'credentials', fault: { ...fault, code: 'SMTP_TOKEN_REFUSED', reply } };
  }

  #secretForms(): readonly string[] {
    const { secretForms: forms } = this.#settings;
    return this.#token === null ? forms : [...forms, ...secretForms([this.#token])];
  }

  /** What nodemailer runs under `tokenMethod`. */
  async exchangeToken(context: SMTPConnectionCustomAuthContext): Promise<void> {
    const { endpoint, authentication } = this.#settings.options;
    const mechanism = tokenMechanism(this.#capabilities.authMechanisms ?? []);
    if (mechanism === null || this.#token === null || authentication === null) {
      throw new Error('a token sign-in without a token or a mechanism for it');
    }
    const signIn = { mechanism, userName: authentication.userName, token: this.#token, endpoint };
    const answer = await signInByToken(context, signIn);
    if (answer.isSignedIn) return;
    this.#challenge = answer.said;
    throw new Error('The server refused the token');
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
        const reply = parseReply(failure.error.response, this.#secretForms());
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

function hostVerdict(code: SmtpFaultCode): Verdict {
  return { kind: 'unreachable', code, scope: 'host', retryAfterMs: null };
}
