import type { TestCertificate } from './certificates.ts';

/** What the server does when a stage is reached. */
export type Reaction =
  | { readonly do: 'reply'; readonly text: string }
  /** The reply comes when this resolves. */
  | { readonly do: 'replyWhen'; readonly text: string; readonly resolved: Promise<void> }
  /** What it would do without a script. */
  | { readonly do: 'usual' }
  /** These bytes as they stand: no line end is added. */
  | { readonly do: 'raw'; readonly text: string }
  | { readonly do: 'replyAndDrop'; readonly text: string }
  | { readonly do: 'drop' }
  | { readonly do: 'stall' }
  /** One piece every `everyMs`, for ever: never silent, never finished. */
  | { readonly do: 'drip'; readonly text: string; readonly everyMs: number };

export type HostileStage =
  | 'greeting'
  | 'ehlo'
  | 'starttls'
  | 'auth'
  | 'mail'
  | 'rcpt'
  | 'data'
  | 'content'
  | 'endOfData'
  | 'rset';

export interface HostileScript {
  readonly reactions?: Partial<Record<HostileStage, Reaction | ((line: string, times: number) => Reaction)>>;
  /** Keywords offered in EHLO; STARTTLS is added where `tls` is given and `offersStartTls` is not false. */
  readonly ehlo?: readonly string[];
  readonly tls?: TestCertificate;
  readonly offersStartTls?: boolean;
  /** Listens here; a free port where it is left out. */
  readonly port?: number;
  readonly host?: string;
  /** TLS from the first byte. */
  readonly isSmtps?: boolean;
  /** Reads nothing of the content. */
  readonly refusesToRead?: boolean;
}

export const reply = (text: string): Reaction => ({ do: 'reply', text });
export const replyAndDrop = (text: string): Reaction => ({ do: 'replyAndDrop', text });
export const replyWhen = (resolved: Promise<void>, text: string): Reaction => ({
  do: 'replyWhen',
  text,
  resolved,
});
export const usual: Reaction = { do: 'usual' };
export const raw = (text: string): Reaction => ({ do: 'raw', text });
export const drop: Reaction = { do: 'drop' };
export const stall: Reaction = { do: 'stall' };
export const drip = (text: string, everyMs = 20): Reaction => ({ do: 'drip', text, everyMs });
