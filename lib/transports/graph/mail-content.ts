import type { MailChange, OutgoingMail } from '../contract.ts';
import type { HttpBody } from '../http/request.ts';
import { fitRecipientHeaders, readHeaderBlock, withBcc } from '../recipient-headers.ts';
import { withMarker, type Way } from './marker.ts';

/** A mail as Graph gets it: recipients in its headers, and nobody but the envelope's. */
export interface GraphMime {
  readonly mime: Buffer;
  readonly changes: readonly MailChange[];
}

/** Reads the mail and fits its header block: recipients by the envelope (PRODUCT 4.9), our mark, Bcc for the rest. */
export async function readGraphMime(mail: OutgoingMail, way: Way): Promise<GraphMime> {
  const { header, rest } = await readHeaderBlock(mail.open());
  const fitted = fitRecipientHeaders(header, mail.envelope.to);
  const head = withBcc(withMarker(fitted.header, mail.messageId, way), fitted.hidden.map(asBccMailbox));
  return { mime: await gather(head, rest, fittedBytesAtMost(mail)), changes: fitted.changes };
}

/** All of it in one buffer, which is made once: a large mail must not lie in memory twice. */
async function gather(
  head: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
  expectedBytes: number,
): Promise<Buffer> {
  let all = Buffer.allocUnsafeSlow(Math.max(expectedBytes, head.length));
  all.set(head);
  let length = head.length;
  for await (const chunk of rest) {
    if (length + chunk.length > all.length) {
      const larger = Buffer.allocUnsafeSlow((length + chunk.length) * 2);
      all.copy(larger, 0, 0, length);
      all = larger;
    }
    all.set(chunk, length);
    length += chunk.length;
  }
  return all.subarray(0, length);
}

function asBccMailbox(address: string): string {
  return `<${address}>`;
}

/** The most that fitting adds to a mail, so that its way is known before it is read. */
export function fittedBytesAtMost(mail: OutgoingMail): number {
  const bcc = mail.envelope.to.reduce((bytes, address) => bytes + Buffer.byteLength(address) + 6, 8);
  return mail.sizeBytes + bcc + 80;
}

/**
 * Content that is made when the `started` mark is committed, which is once a turn and a connection are there. Made once,
 * however often a request has to be repeated for a new token.
 */
export class StartedContent<Made> {
  readonly #mayStart: () => Promise<boolean>;
  readonly #make: () => Promise<Made>;
  readonly #bytesOf: (made: Made) => Buffer;
  #started: Promise<boolean> | null = null;
  #made: { readonly value: Made; readonly bytes: Buffer } | null = null;

  constructor(mail: OutgoingMail, make: () => Promise<Made>, bytesOf: (made: Made) => Buffer) {
    this.#mayStart = () => mail.mayStart();
    this.#make = make;
    this.#bytesOf = bytesOf;
  }

  /** What was made; null before the start, or where the mail could not be read. */
  get made(): Made | null {
    return this.#made?.value ?? null;
  }

  readonly mayStart = (): Promise<boolean> => (this.#started ??= this.#start());

  readonly body: HttpBody = this.#body();

  #body(): HttpBody {
    const bytes = (): Buffer | null => this.#made?.bytes ?? null;
    return {
      // Read after the start only; a mail that could not be read has a body whose end never comes.
      get sizeBytes() {
        return bytes()?.length ?? 1;
      },
      open: async function* () {
        const ready = bytes();
        if (ready !== null) yield ready;
      },
    };
  }

  async #start(): Promise<boolean> {
    if (!(await this.#mayStart())) return false;
    try {
      const value = await this.#make();
      this.#made = { value, bytes: this.#bytesOf(value) };
    } catch {
      this.#made = null;
    }
    return true;
  }
}

/** MIME as a request's text. */
export function inBase64({ mime }: GraphMime): Buffer {
  return Buffer.from(mime.toString('base64'), 'latin1');
}
