import type { Stage } from '../contract.ts';
import type { Transcript } from '../transcript.ts';

/** Follows the setting-up of a session for a live view. */
export interface SetupObserver {
  readonly stage: (stage: Stage, event: 'running' | 'done', detail?: string | null) => void;
  readonly transcript: Transcript | null;
}

export const silentObserver: SetupObserver = { stage: () => undefined, transcript: null };

interface LogEntry {
  readonly tnx?: unknown;
  readonly remotePort?: unknown;
}

/**
 * nodemailer tells its steps to a logger only. This one turns them into stages and into a dialogue without secrets:
 * from the AUTH command to its last answer nothing that we send is kept.
 */
export class SessionWatch {
  stage: Stage;
  /** What the server offered before TLS; null until EHLO was answered. */
  plainEhlo: string | null = null;
  readonly #observer: SetupObserver;
  readonly #onStage: (stage: Stage) => void;
  #isSigningIn = false;
  #hasGreeted = false;
  #hasSaidEhlo = false;

  constructor(isImplicitTls: boolean, observer: SetupObserver, onStage: (stage: Stage) => void) {
    this.#observer = observer;
    this.#onStage = onStage;
    this.stage = isImplicitTls ? 'tls' : 'greet';
    observer.stage(this.stage, 'running');
  }

  /** Ends the running stage and begins the next. */
  enter(stage: Stage, detail: string | null = null): void {
    this.#observer.stage(this.stage, 'done', detail);
    this.#begin(stage);
  }

  #begin(stage: Stage): void {
    this.stage = stage;
    this.#isSigningIn = stage === 'authenticate';
    this.#onStage(stage);
    this.#observer.stage(stage, 'running');
  }

  /** Ends the running stage; what follows belongs to no stage of the setting-up. */
  finish(detail: string | null = null): void {
    this.#isSigningIn = false;
    this.#observer.stage(this.stage, 'done', detail);
  }

  trace(): void {}

  debug(entry: LogEntry, message: unknown): void {
    const text = String(message);
    if (entry.tnx === 'client') this.#sent(text);
    if (entry.tnx === 'server') this.#received(text);
  }

  info(entry: LogEntry, message: unknown): void {
    if (entry.tnx === 'network' && entry.remotePort !== undefined && this.stage === 'tls')
      this.enter('greet');
    if (message === 'Connection upgraded with STARTTLS') this.enter('greet');
  }

  warn(): void {}

  error(): void {}

  fatal(): void {}

  #sent(text: string): void {
    if (/^(?:EHLO|HELO) /.test(text)) this.#hasSaidEhlo = true;
    if (text === 'STARTTLS') this.enter('tls');
    const transcript = this.#observer.transcript;
    if (transcript === null) return;
    if (!this.#isSigningIn) return transcript.add('sent', text);
    const mechanism = /^AUTH [A-Z0-9-]+/.exec(text)?.[0];
    transcript.add('sent', mechanism === undefined ? '***' : `${mechanism} ***`);
  }

  #received(text: string): void {
    const isReply = /^[2-5]\d{2}(?:[ -]|$)/.test(text);
    if (this.#hasSaidEhlo && this.plainEhlo === null) this.plainEhlo = text;
    // What a service that is no mail server says is nobody's business here (the test must not read banners).
    if (!this.#hasGreeted && !isReply)
      return this.#observer.transcript?.add('note', 'The answer is not SMTP');
    this.#hasGreeted = true;
    this.#observer.transcript?.add('received', text);
  }
}
