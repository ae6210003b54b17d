import type { SMTPConnectionSendInfo } from 'nodemailer/lib/smtp-connection';
import type { OutgoingMail } from '../contract.ts';
import type { Transcript } from '../transcript.ts';
import type { SmtpCapabilities } from './capabilities.ts';
import { GatedBody } from './gated-body.ts';
import type { SessionWatch } from './session-watch.ts';
import type { SmtpDeadlines } from './settings.ts';
import type { SmtpWire, WireFailure } from './wire.ts';

/** How the handing over of one mail ended, before it is judged. */
export type Transfer =
  | { readonly kind: 'answered'; readonly info: SMTPConnectionSendInfo }
  | { readonly kind: 'failed'; readonly failure: WireFailure; readonly reached: TransferReach }
  | { readonly kind: 'withheld' }
  | { readonly kind: 'unreadable' }
  /** DATA was not answered with 354, though nodemailer takes it for a yes: content would be read as commands. */
  | { readonly kind: 'outOfStep' };

/** How far the mail got: no content asked for, content under way, or end-of-data possibly at the server. */
export type TransferReach = 'envelope' | 'content' | 'endOfData';

export interface WireEnvelope {
  readonly from: string;
  readonly to: readonly string[];
}

/** RFC 2920 lets a pipelined server answer many recipients late; each may add this much. */
const perRecipientMs = 1000;

export interface SessionParts {
  readonly wire: SmtpWire;
  readonly watch: SessionWatch;
  readonly capabilities: SmtpCapabilities;
  readonly deadlines: SmtpDeadlines;
  /** Values that no kept answer may contain. */
  readonly secretForms: readonly string[];
}

/** One signed-in connection that carries mails one after the other. */
export class SmtpSession {
  readonly wire: SmtpWire;
  readonly capabilities: SmtpCapabilities;
  readonly secretForms: readonly string[];
  idleSinceMs = 0;
  mailCount = 0;
  readonly #deadlines: SmtpDeadlines;
  readonly #watch: SessionWatch;

  constructor(parts: SessionParts) {
    this.wire = parts.wire;
    this.capabilities = parts.capabilities;
    this.secretForms = parts.secretForms;
    this.#deadlines = parts.deadlines;
    this.#watch = parts.watch;
  }

  /** Keeps the dialogue from now on, or no longer: telling each line costs time that the mails would pay for. */
  listen(transcript: Transcript | null): void {
    this.#watch.transcript = transcript;
    this.wire.connection.options.transactionLog = transcript !== null;
  }

  /** Hands one mail over. `mayStart` is asked for already, so that its commit overlaps the envelope. */
  async transfer(
    mail: OutgoingMail,
    envelope: WireEnvelope,
    mayStart: Promise<boolean>,
    signal: AbortSignal,
  ): Promise<Transfer> {
    this.mailCount += 1;
    const wire = this.wire;
    let stop: 'withheld' | 'unreadable' | 'outOfStep' | null = null;
    const withhold = (reason: 'withheld' | 'unreadable'): void => {
      stop = reason;
      wire.drop();
    };
    const body = new GatedBody(mail, mayStart, {
      opened: () => {
        wire.hold();
        if (String(wire.connection.lastServerResponse).startsWith('354')) return;
        stop = 'outOfStep';
        wire.drop();
      },
      progressed: () => wire.extend(this.#deadlines.dataIdleMs),
      ending: () => {
        wire.extend(this.#deadlines.finalAnswerMs);
        this.#writeTogether(() => {
          if (mail.mayFinish()) return true;
          withhold('withheld');
          return false;
        });
      },
      stopped: (reason) => withhold(reason),
    });
    const result = await wire.run<SMTPConnectionSendInfo>(
      (done) =>
        wire.connection.send(
          {
            from: envelope.from,
            to: [...envelope.to],
            size: mail.sizeBytes,
            use8BitMime: mail.isEightBit === true,
          },
          body,
          done,
        ),
      this.#deadlines.commandMs + envelope.to.length * perRecipientMs,
      signal,
    );
    if (result.ok) return { kind: 'answered', info: result.value };
    if (!body.destroyed) body.destroy();
    if (stop !== null) return { kind: stop };
    const reached = body.endOfDataPossible ? 'endOfData' : body.wasOpened ? 'content' : 'envelope';
    return { kind: 'failed', failure: result.failure, reached };
  }

  /** Makes the session fit for the next mail after a refusal. False when it is not. */
  async reset(): Promise<boolean> {
    if (!this.wire.isAlive) return false;
    const result = await this.wire.run(
      (done) => this.wire.connection.reset(done),
      this.#deadlines.commandMs,
      null,
    );
    return result.ok;
  }

  /** Says goodbye and ends, whether or not the server answers. */
  quit(): void {
    if (!this.wire.isAlive) return this.wire.drop();
    this.wire.connection.quit();
    setTimeout(() => this.wire.drop(), 2000).unref();
  }

  /**
   * The last piece and the final dot leave in one write: one burst on the network. `mayLeave` is asked in the same turn
   * as the write, because a process can be stopped between two turns and go on long after its lease.
   */
  #writeTogether(mayLeave: () => boolean): void {
    const socket = this.wire.connection._socket;
    if (!(socket instanceof Object)) return;
    socket.cork();
    setImmediate(() => {
      if (mayLeave()) socket.uncork();
    });
  }
}
