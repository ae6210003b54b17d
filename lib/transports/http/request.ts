import type { ServerCertificate } from '../contract.ts';
import type { HttpFault } from './faults.ts';
import type { HttpDialogue } from './dialogue.ts';

/** The steps of one request, for a live view. */
export type HttpObserver = (
  stage: 'resolve' | 'connect' | 'proxy' | 'tls' | 'http',
  event: 'running' | 'done',
  detail?: string | null,
  certificate?: ServerCertificate | null,
) => void;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** An https address. */
  readonly url: string;
  /** Without Host, Content-Length, Connection and Cookie. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: HttpBody | Uint8Array | string | null | undefined;
  readonly gates?: HttpGates | undefined;
  /** For the whole exchange, from the first byte sent to the last byte of the answer. */
  readonly deadlineMs: number;
  readonly maxAnswerBytes?: number | undefined;
  readonly observe?: HttpObserver | undefined;
  readonly dialogue?: HttpDialogue | null | undefined;
}

/** A body that is streamed; exactly `sizeBytes` must come, else its end never leaves. */
export interface HttpBody {
  /** Read when `mayStart` has said yes, not before. */
  readonly sizeBytes: number;
  /** Called once, when the connection is there and `mayStart` has said yes. */
  open(): AsyncIterable<Uint8Array>;
}

/** Who may stop a request before it can take effect. A gate that fails is a closed gate. */
export interface HttpGates {
  /** Asked once the connection is there, before anything is read or sent. */
  mayStart?(): Promise<boolean>;
  /** Asked in the same turn as the write of the last bytes. */
  mayFinish?(): boolean;
}

export type HttpResult =
  /** The whole answer, whatever its status. */
  | { readonly kind: 'answered'; readonly answer: HttpAnswer }
  /** `mayHaveArrived` is false where the end of the request surely never left this process. */
  | { readonly kind: 'failed'; readonly fault: HttpFault; readonly mayHaveArrived: boolean }
  /** We ourselves ended it before the end of the request could leave. */
  | { readonly kind: 'withheld' };

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; a field that came several times is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer that is still growing after this many bytes is none of a mail service. */
export const defaultMaxAnswerBytes = 4 * 1024 * 1024;
