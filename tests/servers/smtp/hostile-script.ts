import type { TestCertificate } from './certificates.ts';

/** What the server does when a stage is reached. */
export type Reaction =
  | { readonly do: 'reply'; readonly text: string }
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
  /** Reads nothing of the content. */
  readonly refusesToRead?: boolean;
}

export const reply = (text: string): Reaction => ({ do: 'reply', text });
export const replyAndDrop = (text: string): Reaction => ({ do: 'replyAndDrop', text });
export const drop: Reaction = { do: 'drop' };
export const stall: Reaction = { do: 'stall' };
export const drip = (text: string, everyMs = 20): Reaction => ({ do: 'drip', text, everyMs });
