import type { ServerCertificate, Stage } from '../contract.ts';
import type { TlsDescription } from '../describe-tls.ts';
import type { Transcript } from '../transcript.ts';

/** Follows the setting-up of a session for a live view. */
export interface SetupObserver {
  readonly stage: (
    stage: Stage,
    event: 'running' | 'done',
    detail?: string | null,
    certificate?: ServerCertificate | null,
  ) => void;
  readonly transcript: Transcript | null;
}

export const silentObserver: SetupObserver = { stage: () => undefined, transcript: null };

interface LogEntry {
  readonly tnx?: unknown;
  readonly remotePort?: unknown;
}

interface WatchHooks {
  /** A step of the setting-up has begun and gets its own time. */
  readonly entered: (stage: Stage) => void;
  /** What the secured connection shows of itself. */
  readonly describeTls: () => TlsDescription;
}

/**
 * nodemailer tells its steps to a logger only. This one turns them into stages and into a dialogue without secrets:
 * from the AUTH command to its last answer nothing that we send is kept.
 */
export class SessionWatch {
  stage: Stage;
  /** What the server offered before TLS; null until EHLO was answered. */
  plainEhlo: string | null = null;
  /** Where the dialogue goes; null where nobody reads it. */
  transcript: Transcript | null;
  readonly #observer: SetupObserver;
  readonly #hooks: WatchHooks;
  #isRunning = true;
  #hasRecipient = false;
  #greeting: string | null = null;
  #hasSaidEhlo = false;

  constructor(isImplicitTls: boolean, observer: SetupObserver, hooks: WatchHooks) {
    this.#observer = observer;
    this.transcript = observer.transcript;
    this.#hooks = hooks;
    this.stage = isImplicitTls ? 'tls' : 'greet';
    observer.stage(this.stage, 'running');
  }

  /** Ends the running stage and begins the next; quietly where a person has seen that one before. */
  enter(stage: Stage, detail: string | null = null, isQuiet = false): void {
    this.finish(detail);
    this.#begin(stage, isQuiet);
  }

  #detailOf(stage: Stage): string | null {
    return stage === 'greet' ? this.#greeting : null;
  }

  #begin(stage: Stage, isQuiet = false): void {
    this.stage = stage;
    this.#isRunning = !isQuiet;
    if (stage === 'tls' || stage === 'greet' || stage === 'authenticate') this.#hooks.entered(stage);
    if (!isQuiet) this.#observer.stage(stage, 'running');
  }

  /** Ends the running stage; none is running until the next begins. */
  finish(detail: string | null = null, certificate: ServerCertificate | null = null): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#observer.stage(this.stage, 'done', detail ?? this.#detailOf(this.stage), certificate);
  }

  trace(): void {}

  debug(entry: LogEntry, message: unknown): void {
    const text = String(message);
    if (entry.tnx === 'client') this.#sent(text);
    if (entry.tnx === 'server') this.#received(text);
  }

  info(entry: LogEntry, message: unknown): void {
    if (message === 'Failed STARTTLS upgrade, continuing unencrypted') {
      this.enter('greet', 'Refused by the server; the connection stays in clear', true);
    }
    const isConnected = entry.tnx === 'network' && entry.remotePort !== undefined;
    if ((isConnected && this.stage === 'tls') || message === 'Connection upgraded with STARTTLS') {
      const isGreeted = this.#hasSaidEhlo;
      const { detail, certificate } = this.#hooks.describeTls();
      this.finish(detail, certificate);
      this.#begin('greet', isGreeted);
    }
  }

  warn(): void {}

  error(): void {}

  fatal(): void {}

  #sent(text: string): void {
    if (/^(?:EHLO|HELO) /.test(text)) this.#hasSaidEhlo = true;
    if (text === 'STARTTLS') this.enter('tls');
    if (text.startsWith('MAIL FROM:')) this.#begin('sender');
    const { transcript } = this;
    if (transcript === null) return;
    if (!this.#isRunning || this.stage !== 'authenticate') return transcript.add('sent', text);
    const mechanism = /^AUTH [A-Z0-9-]+/.exec(text)?.[0];
    transcript.add('sent', mechanism === undefined ? '***' : `${mechanism} ***`);
  }

  #received(text: string): void {
    const isReply = /^[2-5]\d{2}(?:[ -]|$)/.test(text);
    if (this.#hasSaidEhlo && this.plainEhlo === null) this.plainEhlo = text;
    // What a service that is no mail server says is nobody's business here (the test must not read banners).
    if (this.#greeting === null && !isReply) return this.transcript?.add('note', 'The answer is not SMTP');
    this.#greeting ??= text.replace(/^\d{3}[ -]?/, '').split('\n', 1)[0] ?? '';
    this.transcript?.add('received', text);
    this.#followMail(text);
  }

  /** The steps of the mail itself, told by its answers: commands leave together, answers come in order. */
  #followMail(text: string): void {
    if (!this.#isRunning) return;
    if (this.stage === 'sender' && text.startsWith('2')) return this.enter('recipient');
    if (this.stage === 'recipient' && text.startsWith('2')) this.#hasRecipient = true;
    if (this.stage === 'recipient' && text.startsWith('354') && this.#hasRecipient)
      return this.enter('content');
    if (this.stage === 'content' && text.startsWith('2')) this.finish(text.split('\n', 1)[0] ?? null);
  }
}
