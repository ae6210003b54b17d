import { randomBytes } from 'node:crypto';
import PostalMime from 'postal-mime';
import { markerProperty } from '#lib/transports/graph/marker.ts';
import type { Clock } from '#lib/clock.ts';
import { Refusal } from './refusal.ts';
import type { GraphSwitches } from './settings.ts';

export interface StoredAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly contentId: string | null;
  readonly isInline: boolean;
  readonly bytes: Buffer;
}

export interface StoredMessage {
  readonly immutableId: string;
  /** Changes when the message moves, unless the immutable one is asked for. */
  id: string;
  isDraft: boolean;
  folder: 'drafts' | 'sentitems';
  internetMessageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly bcc: readonly string[];
  readonly subject: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly attachments: StoredAttachment[];
  /** What recipients get, without Bcc. */
  readonly content: string;
  readonly keepsCopy: boolean;
  hiddenUntilMs: number;
  draftUntilMs: number;
}

/** One mail as it left the mailbox. */
export interface Delivery {
  readonly mailbox: string;
  readonly from: string;
  /** Every recipient, Bcc too. */
  readonly to: readonly string[];
  readonly content: string;
  readonly subject: string;
  readonly attachments: readonly StoredAttachment[];
  readonly atMs: number;
}

export type NewMessage = Pick<
  StoredMessage,
  'internetMessageId' | 'from' | 'to' | 'bcc' | 'subject' | 'properties' | 'content' | 'keepsCopy'
> & { readonly attachments: readonly StoredAttachment[] };

/** One mailbox of Exchange Online: drafts, sent items, and what it has sent. */
export class Mailbox {
  readonly address: string;
  readonly sendsAs: Set<string>;
  readonly messages: StoredMessage[] = [];
  readonly #clock: Clock;
  readonly #switches: GraphSwitches;
  readonly #deliver: (delivery: Delivery) => void;

  constructor(address: string, clock: Clock, switches: GraphSwitches, deliver: (delivery: Delivery) => void) {
    this.address = address;
    this.sendsAs = new Set([address.toLowerCase()]);
    this.#clock = clock;
    this.#switches = switches;
    this.#deliver = deliver;
  }

  addDraft(message: NewMessage): StoredMessage {
    const stored: StoredMessage = {
      ...message,
      attachments: [...message.attachments],
      immutableId: `AAkALg${newId()}`,
      id: `AAMkAG${newId()}`,
      isDraft: true,
      folder: 'drafts',
      hiddenUntilMs: 0,
      draftUntilMs: 0,
    };
    this.messages.push(stored);
    return stored;
  }

  /** Hands a draft to transport; its copy lies in Sent Items, at once or later. */
  send(message: StoredMessage): void {
    this.checkSendable(message);
    message.isDraft = false;
    message.folder = 'sentitems';
    message.id = `AAMkAG${newId()}`;
    if (this.#switches.messageId === 'replaced') {
      message.internetMessageId = `<${newId()}@prod.outlook.test>`;
    }
    const nowMs = this.#clock.monotonicMs();
    const lateMs = nowMs + this.#switches.copyVisibleAfterMs;
    if (this.#switches.copyMeanwhile === 'hidden') message.hiddenUntilMs = lateMs;
    else message.draftUntilMs = lateMs;
    if (!message.keepsCopy) this.messages.splice(this.messages.indexOf(message), 1);
    const { from, content, subject, attachments } = message;
    const to = [...message.to, ...message.bcc];
    this.#deliver({ mailbox: this.address, from, to, content, subject, attachments, atMs: nowMs });
  }

  /** Empties Sent Items but for the newest copies. */
  forget(remembers: number): void {
    while (this.messages.length > remembers) {
      const oldest = this.messages.findIndex(({ isDraft }) => !isDraft);
      if (oldest === -1) return;
      this.messages.splice(oldest, 1);
    }
  }

  checkSendable({ from, to, bcc }: Pick<StoredMessage, 'from' | 'to' | 'bcc'>): void {
    if (!this.sendsAs.has(from.toLowerCase())) {
      throw new Refusal(
        403,
        'ErrorSendAsDenied',
        'The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.',
      );
    }
    const all = [...to, ...bcc];
    if (all.length === 0 || !all.every((address) => /^[^\s@<>]+@[^\s@<>]+$/.test(address))) {
      throw new Refusal(400, 'ErrorInvalidRecipients', 'At least one recipient is not valid.');
    }
  }

  /** What can be seen at this time. */
  visible(): StoredMessage[] {
    return this.messages.filter(({ hiddenUntilMs }) => hiddenUntilMs <= this.#clock.monotonicMs());
  }

  seemsDraft(message: StoredMessage): boolean {
    return message.isDraft || message.draftUntilMs > this.#clock.monotonicMs();
  }

  find(id: string): StoredMessage {
    const found = this.visible().find((message) => message.id === id || message.immutableId === id);
    if (found === undefined) {
      throw new Refusal(404, 'ErrorItemNotFound', 'The specified object was not found in the store.');
    }
    return found;
  }
}

/** A mail as MIME is taken: recipients from its headers, Bcc taken out, x- headers as named properties. */
export async function readMime(mime: Buffer, mailboxAddress: string): Promise<NewMessage> {
  const email = await PostalMime.parse(mime, { attachmentEncoding: 'arraybuffer' });
  if (email.headers.length === 0) {
    throw new Refusal(400, 'ErrorMimeContentInvalid', 'The MIME content of the message is invalid.');
  }
  const properties = new Map<string, string>();
  for (const { key, originalKey, value } of email.headers) {
    const prefix = markerProperty.slice(0, markerProperty.lastIndexOf(' ') + 1);
    if (key.startsWith('x-')) properties.set(`${prefix}${originalKey}`, value);
  }
  return {
    internetMessageId: email.messageId ?? `<${newId()}@prod.outlook.test>`,
    from: email.from?.address ?? mailboxAddress,
    to: [...addressesOf(email.to), ...addressesOf(email.cc)],
    bcc: addressesOf(email.bcc),
    subject: email.subject ?? '',
    properties,
    attachments: email.attachments.map((attachment) => ({
      name: attachment.filename ?? '',
      contentType: attachment.mimeType,
      contentId: attachment.contentId ?? null,
      isInline: attachment.disposition === 'inline',
      bytes: bytesOf(attachment.content),
    })),
    content: mime.toString('latin1').replace(/^bcc:(?:[^\r]|\r\n[ \t])*\r\n/im, ''),
    keepsCopy: true,
  };
}

function addressesOf(entries: Awaited<ReturnType<typeof PostalMime.parse>>['to'] = []): string[] {
  return entries.flatMap((entry) => entry.group ?? [entry]).map(({ address }) => address);
}

function bytesOf(content: ArrayBuffer | Uint8Array | string): Buffer {
  if (typeof content === 'string') return Buffer.from(content);
  return content instanceof Uint8Array ? Buffer.from(content) : Buffer.from(content);
}

export function newId(): string {
  return randomBytes(12).toString('base64url');
}
