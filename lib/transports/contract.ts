/**
 * What every transport promises. A transport knows no database and no environment: it gets opened settings and
 * answers with values. A throw is a bug.
 */

/** Where in the dialogue something happened; the words of PRODUCT 3.2. */
export type Stage =
  | 'resolve'
  | 'connect'
  | 'proxy'
  | 'tls'
  | 'greet'
  | 'authenticate'
  | 'sender'
  | 'recipient'
  | 'content'
  | 'token'
  | 'http'
  | 'answer';

/** How far a fault reaches: what must stop because of it, and what may go on. */
export type FaultScope = 'recipient' | 'mail' | 'sender' | 'mailbox' | 'tenant' | 'host';

/** What the far side said, word for word but without secrets. */
export interface ServerReply {
  /** Basic status code of SMTP or HTTP; null where the far side never answered. */
  readonly code: number | null;
  /** RFC 3463 code such as "5.7.8"; null when none was sent. */
  readonly enhancedCode: string | null;
  readonly text: string;
}

/** The fault of an attempt. `code` is one of Mailroom's stable codes, such as SMTP_AUTH_REFUSED. */
export interface Fault {
  readonly stage: Stage;
  readonly scope: FaultScope;
  readonly code: string;
  readonly reply: ServerReply | null;
}

export type RecipientResult =
  | { readonly kind: 'accepted'; readonly address: string; readonly reply: ServerReply | null }
  | {
      readonly kind: 'temporary';
      readonly address: string;
      readonly code: string;
      readonly reply: ServerReply;
    }
  | {
      readonly kind: 'permanent';
      readonly address: string;
      readonly code: string;
      readonly reply: ServerReply;
    };

export type SendOutcome =
  | {
      readonly kind: 'accepted';
      /** The far side's own id of the mail, when it told one. */
      readonly serverId: string | null;
      readonly reply: ServerReply | null;
      /** One entry for each address of the envelope; at least one is accepted. */
      readonly perRecipient: readonly RecipientResult[];
      /** What had to be changed in the mail for this protocol (PRODUCT 4.9); absent where nothing was. */
      readonly changes?: readonly MailChange[];
      /** The queue's own: a copy of an earlier try was found, and nothing was handed over now (PRODUCT 4.8). */
      readonly isFound?: true;
    }
  /** `perRecipient` names those with a result of their own; the fault holds for all others. */
  | { readonly kind: 'temporary'; readonly fault: Fault; readonly perRecipient: readonly RecipientResult[] }
  | { readonly kind: 'permanent'; readonly fault: Fault; readonly perRecipient: readonly RecipientResult[] }
  /** The server could not be reached at all: nothing of this mail left. */
  | { readonly kind: 'unreachable'; readonly fault: Fault }
  /** The far side asks to slow down; costs the mail no try. */
  | { readonly kind: 'throttled'; readonly fault: Fault; readonly retryAfterMs: number | null }
  /** Sign-in or configuration is at fault, never the mail; the lane stops. */
  | { readonly kind: 'credentials'; readonly fault: Fault }
  /** End-of-data may have been reached and no answer came. */
  | { readonly kind: 'uncertain'; readonly fault: Fault }
  /**
   * We ourselves ended it before end-of-data (`mayStart` or `mayFinish` said no, the signal, a closed transport):
   * surely nothing was handed over, and it is nobody's fault.
   */
  | { readonly kind: 'withheld' };

/** One thing that a protocol could not carry as it was; `detail` names the header, address or part concerned. */
export interface MailChange {
  readonly code: string;
  readonly detail: string;
}

export interface Envelope {
  /** Reverse path; the empty string is the null sender. */
  readonly from: string;
  readonly to: readonly string[];
}

/** One mail on its way out. */
export interface OutgoingMail {
  readonly envelope: Envelope;
  /** The Message-ID header's value with its angle brackets. */
  readonly messageId: string;
  /** Exact bytes of the MIME message, for SIZE. */
  readonly sizeBytes: number;
  /** True when the content has bytes above 127, so that 8BITMIME is asked for; absent means 7-bit. */
  readonly isEightBit?: boolean;
  /**
   * The MIME message without a Bcc header, lines ended by CRLF. Called once per attempt, and again only where nothing of
   * it was taken: the sign-in was refused, or a connection that had rested was dead.
   */
  open(): AsyncIterable<Uint8Array>;
  /**
   * Asked before the first content byte leaves: resolves when the `started` mark is committed. False means that
   * this worker may not send: the transport gives up cleanly and answers `withheld`.
   */
  mayStart(): Promise<boolean>;
  /** Asked right before the last bytes, perhaps twice: false when the lease has run out meanwhile. */
  mayFinish(): boolean;
  /** Where the far side's draft of this mail is remembered over its tries; absent where nobody remembers it. */
  readonly draft?: MailDraft;
  /**
   * Given the dialogue of this try when it is over, masked and bounded (PRODUCT 2.11). Absent where nobody reads it:
   * keeping a dialogue costs time.
   */
  keepDialogue?(lines: readonly TranscriptLine[]): void;
}

/**
 * A mail that is laid down at the far side before it is sent (Graph, "prove each mail once", and its larger mails): the
 * id tells later whether it was sent.
 */
export interface MailDraft {
  /** The id that an earlier try has kept; null at the first. */
  readonly id: string | null;
  /**
   * Asked before the draft is sent; resolves when the id is stored. A rejection ends the try as `withheld`. Null: the
   * draft is gone, and a later try shall make another.
   */
  keep(id: string | null): Promise<void>;
}

/** One line of the protocol dialogue, masked as it is captured. */
export interface TranscriptLine {
  readonly atMs: number;
  readonly direction: 'sent' | 'received' | 'note';
  readonly text: string;
}

/** A server's certificate, as far as people need it. */
export interface ServerCertificate {
  readonly subject: string;
  readonly issuer: string;
  /** ISO 8601. */
  readonly endsAt: string;
}

/** One step of a probe or test, as it is shown live. Times in ms since the start of the run. */
export type ProbeStep =
  | { readonly stage: Stage; readonly status: 'running'; readonly startedMs: number }
  | {
      readonly stage: Stage;
      readonly status: 'done';
      readonly startedMs: number;
      readonly endedMs: number;
      readonly detail: string | null;
      /** With the step tls: what the server proved itself with. */
      readonly certificate?: ServerCertificate | null;
    }
  | {
      readonly stage: Stage;
      readonly status: 'failed';
      readonly startedMs: number;
      readonly endedMs: number;
      readonly fault: Fault;
    };

export interface Transport {
  /**
   * Hands one mail over. Resolves always; `signal` ends it within a second: `withheld` when end-of-data surely had
   * not left, else `uncertain`.
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<SendOutcome>;
  /** Walks the connection up to sign-in, without a mail. */
  probe(
    onStep: (step: ProbeStep) => void,
    signal: AbortSignal,
  ): Promise<{ ok: true } | { ok: false; fault: Fault }>;
  /**
   * Whether the mail is found at the far side; null where that could not be looked up, which says nothing. Absent where
   * the protocol cannot tell.
   */
  findSent?(messageId: string, signal: AbortSignal): Promise<boolean | null>;
  /** Ends idle connections at once and busy ones when their mail is done. */
  close(): Promise<void>;
}
